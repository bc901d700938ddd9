import type { BigRange } from "../values.js";

export interface ConnbytesMatch {
  readonly name: "connbytes";
  readonly invert: boolean;
  readonly range: BigRange;
  readonly direction: "original" | "reply" | "both";
  readonly mode: "packets" | "bytes" | "avgpkt";
}
