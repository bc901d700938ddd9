import type { Range } from "../values.js";

/** `icmp` with IPv4, `icmp6` with IPv6. */
export interface IcmpMatch {
  readonly name: "icmp" | "icmp6";
  readonly invert: boolean;
  /** Undefined: any. */
  readonly type?: number;
  readonly code: Range;
}
