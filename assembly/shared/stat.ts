/** Counters, as /proc/net/stat/nf_conntrack and `conntrack -S` have them. */
export enum Stat {
  ENTRIES = 0,
  CLASH_RESOLVE,
  FOUND,
  INVALID,
  INSERT,
  INSERT_FAILED,
  DROP,
  EARLY_DROP,
  ERROR,
  EXPECT_NEW,
  EXPECT_CREATE,
  EXPECT_DELETE,
  CHAINTOOLONG,
  SEARCH_RESTART,
  COUNT,
}
