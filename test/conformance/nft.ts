/** Rulesets of scenarios that were recorded with nft, as iptables has them: those `Firewall` takes. */
import type { TimeoutProtocol } from "../../src/index.js";
import type { Scenario } from "./recording.js";
import { HELPER_OBJECT, HOOK, readRuleset, STRUCTURE, statementsOf } from "./rules.js";

type Family = "4" | "6";

interface Rule {
  table: string;
  text: string;
  families: readonly Family[];
}

type Words = (...groups: string[]) => string;

const FAMILIES: Record<string, readonly Family[]> = { ip: ["4"], ip6: ["6"], inet: ["4", "6"] };
const TABLE = /^table (inet|ip|ip6) \S+$/;
const TIMEOUT_OBJECT = /ct timeout (\S+) \{ protocol (\w+);[^}]*policy = \{([^}]*)\};[^}]*\}/g;
/** ip6tables has no such helpers. */
const IPV4_HELPERS = /--helper (irc|pptp|netbios-ns|snmp)$/;

/** What a rule asks of a packet. */
const MATCHES: readonly (readonly [RegExp, Words])[] = [
  [/^ip6? saddr (\S+) /, (address) => `-s ${address}`],
  [/^ip6? daddr (\S+) /, (address) => `-d ${address}`],
  [
    /^(tcp|udp) (dport|sport) (\d+) /,
    (protocol, side, port) => `-p ${protocol} -m ${protocol} --${side} ${port}`,
  ],
  [
    /^(tcp|udp) (dport|sport) ([\d,]+) /,
    (protocol, side, list) => `-p ${protocol} -m multiport --${side}s ${list}`,
  ],
  [/^(?:ip protocol|meta l4proto) (\w+) /, (protocol) => `-p ${protocol}`],
  [/^iifname "(\w+)" /, (device) => `-i ${device}`],
  [/^oifname "(\w+)" /, (device) => `-o ${device}`],
  [/^ip dscp (\d+) /, (dscp) => `-m dscp --dscp ${dscp}`],
  [/^ct state (\w+) /, (state = "") => `-m conntrack --ctstate ${state.toUpperCase()}`],
];

/** What a rule does, and the table where iptables does that. */
const TARGETS: readonly (readonly [RegExp, string, Words])[] = [
  [/^snat to (\S+)$/, "nat", (to) => `-j SNAT --to-source ${to}`],
  [/^dnat to (\S+)$/, "nat", (to) => `-j DNAT --to-destination ${to}`],
  [/^masquerade$/, "nat", () => "-j MASQUERADE"],
  [/^redirect to :(\d+)$/, "nat", (port) => `-j REDIRECT --to-ports ${port}`],
  [/^ct zone set (\d+)$/, "raw", (zone) => `-j CT --zone ${zone}`],
  [/^ct original zone set (\d+)$/, "raw", (zone) => `-j CT --zone-orig ${zone}`],
  [/^ct reply zone set (\d+)$/, "raw", (zone) => `-j CT --zone-reply ${zone}`],
  [/^notrack$/, "raw", () => "-j CT --notrack"],
  [/^ct helper set "(\S+)"$/, "raw", (name) => `-j CT --helper ${name}`],
  [/^ct timeout set "(\S+)"$/, "raw", (name) => `-j CT --timeout ${name}`],
  [/^ct mark set ct mark or (\w+)$/, "mangle", (bits) => `-j CONNMARK --set-xmark ${bits}/${bits}`],
  [/^ct mark set (\w+)$/, "mangle", (mark) => `-j CONNMARK --set-xmark ${mark}/0xffffffff`],
  [/^drop$/, "filter", () => "-j DROP"],
];

/** The scenario as this package can be asked: what its nft rules want of more than tracking, iptables rules say. */
export function replayable(scenario: Scenario): Scenario {
  return readRuleset(scenario.rules).needs ? (throughIptables(scenario) ?? scenario) : scenario;
}

/** The scenario with its nft ruleset turned into iptables', or undefined when iptables has no such rules. */
function throughIptables(scenario: Scenario): Scenario | undefined {
  const { rules = "", ...rest } = scenario;
  const timeoutPolicies: NonNullable<Scenario["timeoutPolicies"]> = {};
  for (const [, name, protocol, policy] of rules.matchAll(TIMEOUT_OBJECT)) {
    timeoutPolicies[name!] = { protocol: protocol as TimeoutProtocol, timeouts: timeoutsOf(policy!) };
  }
  const found = readRules(withHelperTypes(rules).replace(TIMEOUT_OBJECT, ""));
  if (!found) return undefined;
  const ipv4 = save(found, "4");
  const ipv6 = save(found, "6");
  return { ...rest, iptables: { ...(ipv4 && { "4": ipv4 }), ...(ipv6 && { "6": ipv6 }) }, timeoutPolicies };
}

/** nft's helper objects have names of their own. */
function withHelperTypes(rules: string): string {
  let text = rules.replace(HELPER_OBJECT, "");
  for (const [, name, type] of rules.matchAll(HELPER_OBJECT)) {
    text = text.replaceAll(`ct helper set "${name}"`, `ct helper set "${type}"`);
  }
  return text;
}

function timeoutsOf(policy: string): Record<string, number> {
  const timeouts: Record<string, number> = {};
  for (const [, state, seconds] of policy.matchAll(/(\w+) : (\d+)/g)) timeouts[state!] = Number(seconds);
  return timeouts;
}

function readRules(text: string): Rule[] | undefined {
  const rules: Rule[] = [];
  let families: readonly Family[] = [];
  let chain = "";
  for (const statement of statementsOf(text)) {
    const table = TABLE.exec(statement);
    const hook = HOOK.exec(statement);
    if (table) families = FAMILIES[table[1]!]!;
    else if (hook) chain = hook[1]!.toUpperCase();
    else if (!STRUCTURE.test(statement)) {
      const rule = readRule(statement);
      if (!rule) return undefined;
      const [table, words] = rule;
      rules.push({
        table,
        text: `-A ${chain} ${words}`,
        families: IPV4_HELPERS.test(words) ? ["4"] : families,
      });
    }
  }
  return rules;
}

/** The table that a rule stands in and its words behind the chain's name. */
function readRule(statement: string): [string, string] | undefined {
  let rest = statement;
  let words = "";
  for (let found = matchOf(rest); found; found = matchOf(rest)) {
    words += `${found.words} `;
    rest = rest.slice(found.length);
  }
  for (const [pattern, table, target] of TARGETS) {
    const match = pattern.exec(rest);
    if (match) return [table, words + target(...match.slice(1))];
  }
  return undefined;
}

function matchOf(rule: string): { words: string; length: number } | undefined {
  for (const [pattern, words] of MATCHES) {
    const match = pattern.exec(rule);
    if (match) return { words: words(...match.slice(1)), length: match[0].length };
  }
  return undefined;
}

/** iptables-save text, "" for no rule. */
function save(rules: readonly Rule[], family: Family): string {
  const tables = new Map<string, string[]>();
  for (const { table, text, families } of rules) {
    if (families.includes(family)) tables.set(table, [...(tables.get(table) ?? []), text]);
  }
  let saved = "";
  for (const [table, lines] of tables) {
    const chains = new Set(lines.map((line) => line.split(" ")[1]));
    const heads = [...chains].map((chain) => `:${chain} ACCEPT [0:0]`);
    saved += `${[`*${table}`, ...heads, ...lines, "COMMIT"].join("\n")}\n`;
  }
  return saved;
}
