import type { Range } from "../values.js";

export interface MultiportMatch {
  readonly name: "multiport";
  readonly invert: boolean;
  readonly ports: "source" | "destination" | "either";
  readonly ranges: readonly Range[];
}
