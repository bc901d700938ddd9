import type { Inverted, Range } from "../values.js";

export interface EspMatch {
  readonly name: "esp";
  readonly spi: Inverted<Range>;
}
