/** `ttl` of IPv4, `hl` (hop limit) of IPv6. */
export interface HopLimitMatch {
  readonly name: "ttl" | "hl";
  readonly comparison: "eq" | "ne" | "lt" | "gt";
  readonly value: number;
}
