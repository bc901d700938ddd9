export interface ClassifyTarget {
  readonly name: "CLASSIFY";
  /** skb priority: major << 16 | minor. */
  readonly priority: number;
}
