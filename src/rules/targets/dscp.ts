export interface DscpTarget {
  readonly name: "DSCP";
  /** 0 to 63. */
  readonly dscp: number;
}
