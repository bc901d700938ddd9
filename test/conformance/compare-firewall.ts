import { AGREED, type Comparer, differs, type EndComparer, equal } from "./compare.js";

/** Hooks entered, in order. */
export const comparePath: Comparer = ({ step, result }) =>
  result && step.path ? equal("path", step.path, [...(result.path ?? [])]) : AGREED;

export const compareDevice: Comparer = ({ step, result }) =>
  result && step.oif !== undefined ? equal("oif", step.oif, result.out) : AGREED;

/** The mark when the packet was last seen; what went before netfilter or was held has none. */
export const compareMark: Comparer = ({ step, result }) =>
  result && step.path?.length ? equal("mark", step.mark ?? 0, result.mark ?? 0) : AGREED;

/** A packet is dropped in the last hook it entered. */
export const compareDropHook: Comparer = ({ step, result }) => {
  if (!result || step.drop === undefined) return AGREED;
  return equal("drop", step.drop, result.path?.at(-1));
};

/** The rules with their counters, line by line: these tell which rules matched. */
export const compareCounters: EndComparer = ({ scenario, firewall }) => {
  const after = scenario.iptables_after;
  if (!after || !firewall) return AGREED;
  const saved = firewall.save({ counters: true });
  return [
    ...compareRules("iptables_after", after["4"], saved.ipv4),
    ...compareRules("ip6tables_after", after["6"], saved.ipv6),
  ];
};

function compareRules(aspect: string, recorded: string | undefined, saved: string | undefined) {
  if (recorded === undefined) return AGREED;
  const kernel = ruleLines(recorded);
  const ours = ruleLines(saved ?? "");
  const at = kernel.findIndex((line, i) => line !== ours[i]);
  if (at < 0 && kernel.length === ours.length) return AGREED;
  const line = at < 0 ? kernel.length : at;
  return differs(`${aspect} line ${line + 1}`, kernel[line], ours[line]);
}

/** Without blank lines and the comments that carry version and time. */
function ruleLines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** The sets, where the recording lists them last: lines in any order, timeouts to the second. */
export const compareSets: EndComparer = ({ scenario, firewall }) => {
  const last = scenario.steps.at(-1);
  if (!firewall?.saveSets || last?.cmd !== "ipset save") return AGREED;
  const kernel = setLines(last.cmd_out ?? "");
  const ours = setLines(firewall.saveSets({ time: (last.t ?? 0) / 1000 }));
  const at = Math.max(kernel.length, ours.length);
  for (let i = 0; i < at; i++) {
    if (!sameSetLine(kernel[i], ours[i])) return differs("ipset save", kernel[i], ours[i]);
  }
  return AGREED;
};

/** Without what depends on the hash key and on how the table has grown. */
function setLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/ (?:hashsize|bucketsize|initval) \S+/g, ""))
    .sort();
}

const TIMEOUT = / timeout (\d+)/;

function sameSetLine(kernel = "", ours = ""): boolean {
  const [theirs = 0, mine = 0] = [kernel, ours].map((line) => Number(TIMEOUT.exec(line)?.[1] ?? 0));
  return kernel.replace(TIMEOUT, "") === ours.replace(TIMEOUT, "") && Math.abs(theirs - mine) <= 1;
}
