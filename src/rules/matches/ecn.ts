import type { Inverted } from "../values.js";

export interface EcnMatch {
  readonly name: "ecn";
  readonly tcpCwr?: { readonly invert: boolean };
  readonly tcpEce?: { readonly invert: boolean };
  /** The two ECN bits of the IP header, 0 to 3. */
  readonly ipEct?: Inverted<{ readonly value: number }>;
}
