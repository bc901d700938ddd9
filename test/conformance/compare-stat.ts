import { AGREED, differs, type EndComparer, equal } from "./compare.js";
import { isHashDependent } from "./loose.js";

/**
 * Columns of /proc/net/stat/nf_conntrack that are deterministic, and their names in our statistics. Left out:
 * `entries` (counts what expired and was not collected yet), `search_restart` (a race), `new`, `ignore` and
 * `delete` (always zero).
 */
const COLUMNS: Record<string, string> = {
  found: "found",
  invalid: "invalid",
  insert: "insert",
  insert_failed: "insert_failed",
  drop: "drop",
  early_drop: "early_drop",
  icmp_error: "error",
  clashres: "clash_resolve",
  chainlength: "chaintoolong",
  expect_new: "expect_new",
  expect_create: "expect_create",
  expect_delete: "expect_delete",
};

export const compareStat: EndComparer = ({ scenario, conntrack }) => {
  const { stat } = scenario;
  if (!stat) return AGREED;
  const ours = conntrack.stats();
  return Object.entries(COLUMNS).flatMap(([column, name]) => {
    if (column === "early_drop" && isHashDependent(scenario)) return AGREED;
    const kernel = stat[column] ?? 0;
    if (kernel === 0 && ours[name] === undefined) return AGREED;
    return equal(`stat ${column}`, kernel, ours[name]);
  });
};

/** A bucket gives all its unassured entries at once; up to this many were seen to go for one new packet. */
const BUCKET = 4;

/**
 * Early drop, as far as it does not depend on the hash key: no assured entry goes, entries that came are either
 * there or were evicted, and no more are evicted than a bucket holds.
 */
export const compareEarlyDrop: EndComparer = ({ scenario, conntrack }) => {
  const last = scenario.steps.at(-1);
  if (!isHashDependent(scenario) || !last?.table) return AGREED;
  const flows = [...conntrack.flows()];
  const assured = last.table.filter((line) => line.includes("[ASSURED]")).length;
  const evicted = conntrack.stats().early_drop ?? 0;
  const kernelEvicted = scenario.stat?.early_drop ?? 0;
  return [
    ...equal("assured entries", assured, flows.filter(({ status }) => status & 0x4).length),
    ...equal("entries and evictions", last.table.length + kernelEvicted, flows.length + evicted),
    ...(Math.abs(last.table.length - flows.length) < BUCKET
      ? AGREED
      : differs("entries", last.table.length, flows.length)),
  ];
};
