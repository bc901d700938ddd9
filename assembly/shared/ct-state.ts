/** What rules see of a packet (conntrack's "ctstate"). */
export enum CtState {
  INVALID = 0,
  NEW = 1,
  ESTABLISHED = 2,
  RELATED = 3,
  UNTRACKED = 4,
}

/** The direction of a flow that a packet travels in; also the index of `tuple` and `peer` in a flow. */
export enum Direction {
  ORIGINAL = 0,
  REPLY = 1,
}

/** What becomes of a packet. */
export enum Verdict {
  ACCEPT = 0,
  DROP = 1,
  /** Held back: a fragment waiting for the rest of its datagram. */
  STOLEN = 2,
  /** Dropped by a rule that answers. */
  REJECT = 3,
}

/** The netfilter hooks, in the kernel's numbering. */
export enum Hook {
  PREROUTING = 0,
  INPUT = 1,
  FORWARD = 2,
  OUTPUT = 3,
  POSTROUTING = 4,
}
