export interface ConnlabelMatch {
  readonly name: "connlabel";
  readonly invert: boolean;
  /** Bit number, 0 to 127. */
  readonly label: number;
  readonly set: boolean;
}
