export interface DscpMatch {
  readonly name: "dscp";
  readonly invert: boolean;
  /** 0 to 63. */
  readonly dscp: number;
}
