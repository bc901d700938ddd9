/** Where a packet has come by on its way through the machine. */
import type { FirewallResult } from "../../index.js";

/** What lies on the way besides the chains of tables, which are called as in "raw PREROUTING". */
export const PLACES = ["conntrack", "routing", "process"] as const;
export type Place = (typeof PLACES)[number];

/** Chains in whose front it is decided where to. */
const ROUTED: ReadonlySet<string> = new Set(["INPUT", "FORWARD"]);

/** Chains by the trace of rules; conntrack lies behind raw, and routing in front of what depends on it. */
export function wayOf({ trace, path }: FirewallResult): string[] {
  const local = path[0] === "OUTPUT";
  const way: string[] = local ? ["process", "routing"] : [];
  let tracked = false;
  let routed = local;
  const pass = (place: Place) => way.push(place);
  for (const line of trace) {
    const [, table, chain] = /TRACE: (\w+):(\w+):/.exec(line) ?? [];
    if (!table || !chain || way.at(-1) === `${table} ${chain}`) continue;
    if (!tracked && table !== "raw") {
      pass("conntrack");
      tracked = true;
    }
    if (!routed && ROUTED.has(chain)) {
      pass("routing");
      routed = true;
    }
    way.push(`${table} ${chain}`);
  }
  if (path.at(-1) === "INPUT") pass("process");
  return way;
}
