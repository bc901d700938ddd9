import type { AddressBytes, Inverted, Range } from "../values.js";

/** IPv6: the routing header. */
export interface RtMatch {
  readonly name: "rt";
  readonly type?: Inverted<{ readonly number: number }>;
  readonly segmentsLeft: Inverted<Range>;
  /** Of the header, in bytes. */
  readonly length?: Inverted<{ readonly bytes: number }>;
  /** Type 0: the reserved field must be zero. */
  readonly reserved: boolean;
  /** Type 0: exactly these addresses, or with `notStrict` these among others, in this order. */
  readonly addresses: readonly AddressBytes[];
  readonly notStrict: boolean;
}
