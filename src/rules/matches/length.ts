import type { Range } from "../values.js";

export interface LengthMatch {
  readonly name: "length";
  readonly invert: boolean;
  /** Bytes from the IP header on. */
  readonly range: Range;
}
