export interface TcpoptstripTarget {
  readonly name: "TCPOPTSTRIP";
  /** Kinds of TCP options. */
  readonly kinds: readonly number[];
}
