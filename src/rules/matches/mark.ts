import type { Masked } from "../values.js";

export interface MarkMatch {
  readonly name: "mark";
  readonly invert: boolean;
  readonly mark: Masked;
}
