import type { AddressRange, Range } from "../values.js";

/** What a NAT target chooses from. Ports in host order; `ports` also stands for ICMP ids. */
export interface NatRange {
  readonly addresses?: AddressRange;
  readonly ports?: Range;
  /** DNAT: the original destination port minus this is the place in `ports`. */
  readonly basePort?: number;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

export interface NatTarget extends NatRange {
  readonly name: "SNAT" | "DNAT" | "MASQUERADE" | "REDIRECT";
}
