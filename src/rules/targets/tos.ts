/** tos = (tos & ~mask) ^ value */
export interface TosTarget {
  readonly name: "TOS";
  readonly value: number;
  readonly mask: number;
}
