/**
 * set: ct = (ct & ~ctMask) ^ value; save: ct = (ct & ~ctMask) ^ (shift(mark) & nfMask);
 * restore: mark = (mark & ~nfMask) ^ shift(ct & ctMask).
 */
export interface ConnmarkTarget {
  readonly name: "CONNMARK";
  readonly operation: "set" | "save" | "restore";
  /** Of "set". */
  readonly value: number;
  readonly ctMask: number;
  readonly nfMask: number;
  /** Bits to the left; negative: to the right. */
  readonly shift: number;
}
