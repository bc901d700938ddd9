import type { Masked } from "../values.js";

export interface TosMatch {
  readonly name: "tos";
  readonly invert: boolean;
  readonly tos: Masked;
}
