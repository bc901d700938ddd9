/** mark = (mark & ~mask) ^ value */
export interface MarkTarget {
  readonly name: "MARK";
  readonly value: number;
  readonly mask: number;
}
