/** `TTL` with IPv4, `HL` (hop limit) with IPv6. */
export interface HopLimitTarget {
  readonly name: "TTL" | "HL";
  readonly operation: "set" | "inc" | "dec";
  readonly value: number;
}
