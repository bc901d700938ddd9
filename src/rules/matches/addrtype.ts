import type { Inverted } from "../values.js";

/** Address types in the kernel's numbering (RTN_): the index is the type. */
export const ADDRESS_TYPES = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
] as const;
export type AddressType = (typeof ADDRESS_TYPES)[number];

export interface AddrtypeMatch {
  readonly name: "addrtype";
  /** Any of these. */
  readonly source?: Inverted<{ readonly types: readonly AddressType[] }>;
  readonly destination?: Inverted<{ readonly types: readonly AddressType[] }>;
  /** Only addresses of the interface that the packet comes in by or goes out by. */
  readonly limitInterface?: "in" | "out";
}
