export interface StringMatch {
  readonly name: "string";
  readonly invert: boolean;
  readonly algorithm: "bm" | "kmp";
  /** 1 to 128 bytes. */
  readonly pattern: readonly number[];
  /** Offsets from the IP header on between which the pattern may begin. */
  readonly from: number;
  readonly to: number;
  readonly ignoreCase: boolean;
}
