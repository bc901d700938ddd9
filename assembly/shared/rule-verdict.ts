/** What a table's chain comes to. */
export enum RuleVerdict {
  /** On to the next table or hook. */
  ACCEPT = 0,
  DROP = 1,
  /** Dropped, and answered as the deciding rule's target says. */
  REJECT = 2,
  /** The nat table: translate as the deciding rule's target says. */
  NAT = 3,
}
