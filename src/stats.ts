/** Counters of /proc/net/stat/nf_conntrack, under the names that conntrack -S prints. */
import { Stat } from "../assembly/shared/stat.js";
import type { Engine } from "./engine/engine.js";

const COUNTERS = {
  clash_resolve: Stat.CLASH_RESOLVE,
  found: Stat.FOUND,
  invalid: Stat.INVALID,
  insert: Stat.INSERT,
  insert_failed: Stat.INSERT_FAILED,
  drop: Stat.DROP,
  early_drop: Stat.EARLY_DROP,
  error: Stat.ERROR,
  expect_new: Stat.EXPECT_NEW,
  expect_create: Stat.EXPECT_CREATE,
  expect_delete: Stat.EXPECT_DELETE,
  chaintoolong: Stat.CHAINTOOLONG,
  search_restart: Stat.SEARCH_RESTART,
} as const;

export type ConntrackStats = { readonly [name in keyof typeof COUNTERS]: number } & {
  /** Flows in the table, expired ones that the sweep has not reached included. */
  readonly entries: number;
  /** Packets whose helper threw. Linux has no such counter. */
  readonly helper_failures: number;
};

export function readStats(engine: Engine, helperFailures: number): ConntrackStats {
  const counters = Object.entries(COUNTERS).map(([name, id]) => [name, engine.call.statistic(id)]);
  return {
    entries: engine.call.flowsInUse() >>> 0,
    helper_failures: helperFailures,
    ...Object.fromEntries(counters),
  };
}
