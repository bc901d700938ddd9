import type { Masked } from "../values.js";

export interface ConnmarkMatch {
  readonly name: "connmark";
  readonly invert: boolean;
  readonly mark: Masked;
}
