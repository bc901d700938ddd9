/** Flags of an expectation, as ctnetlink numbers them. */
export enum ExpectationFlag {
  /** Survives the connection it admits. */
  PERMANENT = 1,
  /** Admits nothing until it is made active. */
  INACTIVE = 2,
  /** Was not made by a helper. */
  USERSPACE = 4,
}

/** What becomes of a wish for an expectation. */
export enum ExpectOutcome {
  ADDED = 0,
  /** The same one exists already, under another class. */
  ALREADY = 1,
  /** Overlaps one of another connection. */
  BUSY = 2,
  /** nf_conntrack_expect_max is reached. */
  FULL = 3,
  /** The master flow is gone. */
  NO_MASTER = 4,
}
