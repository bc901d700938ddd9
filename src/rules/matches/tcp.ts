import type { Inverted, Masked, Range } from "../values.js";

export interface TcpMatch {
  readonly name: "tcp";
  readonly sourcePort?: Inverted<Range>;
  readonly destinationPort?: Inverted<Range>;
  /** Bits of the 14th byte of the header: holds when (flags & mask) === value. */
  readonly flags?: Inverted<Masked>;
  /** Kind of a TCP option that must be there. */
  readonly option?: Inverted<{ readonly kind: number }>;
}
