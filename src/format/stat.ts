/** Counters of the table: /proc/net/stat/nf_conntrack, `conntrack -S` and `-C`, Prometheus. */
import type { ConntrackStats } from "../stats.js";

/** Columns of /proc/net/stat/nf_conntrack; those without a counter have been 0 for many kernel versions. */
const COLUMNS: readonly (readonly [name: string, of: keyof ConntrackStats | undefined])[] = [
  ["entries", "entries"],
  ["clashres", "clash_resolve"],
  ["found", "found"],
  ["new", undefined],
  ["invalid", "invalid"],
  ["ignore", undefined],
  ["delete", undefined],
  ["chainlength", "chaintoolong"],
  ["insert", "insert"],
  ["insert_failed", "insert_failed"],
  ["drop", "drop"],
  ["early_drop", "early_drop"],
  ["icmp_error", "error"],
  ["expect_new", "expect_new"],
  ["expect_create", "expect_create"],
  ["expect_delete", "expect_delete"],
  ["search_restart", "search_restart"],
];

/** Behind these columns the kernel prints two blanks instead of one. */
const WIDE = new Set(["entries", "icmp_error"]);

const row = (cells: readonly string[]) =>
  cells.map((cell, i) => (i === cells.length - 1 ? cell : `${cell}${gap(i)}`)).join("");

function gap(column: number): string {
  return WIDE.has(COLUMNS[column]?.[0] ?? "") ? "  " : " ";
}

/** /proc/net/stat/nf_conntrack of a machine with one processor: two lines. Counters wrap at 32 bits. */
export function procStat(stats: ConntrackStats): string {
  const cells = COLUMNS.map(([, of]) => ((of ? stats[of] : 0) >>> 0).toString(16).padStart(8, "0"));
  return `${row(COLUMNS.map(([name]) => name))}\n${row(cells)}\n`;
}

const SHOWN = [
  "found",
  "invalid",
  "insert",
  "insert_failed",
  "drop",
  "early_drop",
  "error",
  "search_restart",
  "clash_resolve",
  "chaintoolong",
] as const satisfies readonly (keyof ConntrackStats)[];

/** What `conntrack -S` prints on a machine with one processor, without the end of its line. */
export function conntrackStatsLine(stats: ConntrackStats): string {
  return `cpu=0   \t${SHOWN.map((name) => `${name}=${stats[name] >>> 0} `).join("")}`;
}

const METRICS: readonly (readonly [name: string, of: keyof ConntrackStats, help: string])[] = [
  ["entries", "entries", "Flows in the table."],
  ["stat_found", "found", "Lookups that found a flow."],
  ["stat_invalid", "invalid", "Packets that could not be tracked."],
  ["stat_insert", "insert", "Flows entered from outside."],
  ["stat_insert_failed", "insert_failed", "Flows that could not be entered."],
  ["stat_drop", "drop", "Packets dropped because tracking failed."],
  ["stat_early_drop", "early_drop", "Flows ended to make room for others."],
  ["stat_search_restart", "search_restart", "Lookups that had to start over."],
];

/**
 * Metrics in Prometheus' text format under the names of node_exporter's conntrack collector.
 * @param limit nf_conntrack_max
 */
export function prometheusText(stats: ConntrackStats, limit: number): string {
  const metric = (name: string, help: string, value: number) => {
    const full = `node_nf_conntrack_${name}`;
    return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${full} ${value}\n`;
  };
  const [entries, ...counters] = METRICS.map(([name, of, help]) => metric(name, help, stats[of]));
  return `${entries}${metric("entries_limit", "nf_conntrack_max, 0 for no limit.", limit)}${counters.join("")}`;
}
