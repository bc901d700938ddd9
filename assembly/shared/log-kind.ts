/** What a log entry is about, and with it which words TypeScript finds for it. */
export enum LogKind {
  /** A packet that tracking finds invalid or ignores (nf_conntrack_log_invalid). Subject: the Reason; a..d its numbers. */
  INVALID = 1,
  /** A new flow found no room. */
  TABLE_FULL,
  /** A new expectation found no room (nf_conntrack_expect_max). */
  EXPECT_TABLE_FULL,
  /** Messages about full tables that were held back, because there were too many of them. a = how many. */
  SUPPRESSED,
  /** A helper has refused a packet. Subject: number of its words, which TypeScript keeps. */
  HELPER,
  /** A rule with LOG or NFLOG. Subject: the rule's number. */
  RULE,
  /** A rule that a traced packet matches, or the end of a chain that it comes to. a = TraceKind. */
  TRACE,
}

/** What a TRACE entry's subject is the number of. */
export enum TraceKind {
  /** A rule. */
  RULE = 0,
  /** The user chain whose end it has reached. */
  RETURN = 1,
  /** The base chain whose policy decides. */
  POLICY = 2,
}
