import type { Inverted, Range } from "../values.js";

export interface AhMatch {
  readonly name: "ah";
  readonly spi: Inverted<Range>;
  /** IPv6: length of the header in bytes. */
  readonly length?: Inverted<{ readonly bytes: number }>;
  /** IPv6: the reserved field must be zero. */
  readonly reserved: boolean;
}
