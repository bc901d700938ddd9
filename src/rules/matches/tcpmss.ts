import type { Range } from "../values.js";

export interface TcpmssMatch {
  readonly name: "tcpmss";
  readonly invert: boolean;
  readonly range: Range;
}
