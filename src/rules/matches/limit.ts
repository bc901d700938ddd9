export interface LimitMatch {
  readonly name: "limit";
  /** The time a packet costs, in units of 100 microseconds. */
  readonly cost: number;
  /** Packets at once. */
  readonly burst: number;
}
