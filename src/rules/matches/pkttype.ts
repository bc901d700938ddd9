export interface PkttypeMatch {
  readonly name: "pkttype";
  readonly invert: boolean;
  readonly type: "unicast" | "broadcast" | "multicast";
}
