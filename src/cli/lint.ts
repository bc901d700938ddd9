/** What is legal in a ruleset, and probably not meant. */
import { type Chain, parseRuleset, type Rule, type RuleFamily, type Table } from "../rules/index.js";
import { ChainOrder, isUnconditional } from "./chain-order.js";
import { conditionsOf, covers, statesOf } from "./covers.js";
import { WideRules } from "./wide-rules.js";

export interface Finding {
  /** `filter FORWARD 3`, or `filter FORWARD` for a chain. */
  readonly place: string;
  readonly text: string;
  readonly problem: string;
}

/** Refusals in front of the rule that lets answers pass: so many are taken for no accident. */
const EARLY_ENOUGH = 4;
/** Rules of any kind in front of it. */
const SOON_ENOUGH = 30;

/** What a rule may change of a packet that rules behind it ask for. */
const CHANGEABLE = new Set("mark connmark connlabel dscp tos ecn ttl hl tcpmss set".split(" "));
const CHANGING = new Set(
  "MARK CONNMARK CT NOTRACK TOS DSCP ECN TTL HL TCPMSS TCPOPTSTRIP SET jump".split(" "),
);

/** `saved`: what iptables-save prints, or whatever else can be read. @throws SourceError */
export function lint(
  saved: string,
  family: RuleFamily = "ipv4",
  connlabels: ReadonlyMap<number, string> = new Map(),
): Finding[] {
  const { tables } = parseRuleset(saved, { family, connlabels });
  return [
    ...tables.flatMap(deadRules),
    ...tables.flatMap(answers),
    ...tables.flatMap(invalidAccepted),
    ...tables.flatMap((table) => invalidUntranslated(table, tables)),
    ...tables.flatMap(stateless),
    ...tables.flatMap(unusedChains),
    ...helpersWithout(tables),
  ];
}

const found = (table: Table, chain: Chain, number: number, problem: string): Finding => ({
  place: `${table.name} ${chain.name} ${number}`,
  text: chain.rules[number - 1]?.text ?? "",
  problem,
});

/** Rules behind one that decides about everything, or about all packets that they are for. */
function deadRules(table: Table): Finding[] {
  const order = new ChainOrder(table);
  return table.chains.flatMap((chain) => {
    const end = chain.rules.findIndex((rule) => isUnconditional(rule) && order.decides(rule));
    const alive = end < 0 ? chain.rules : chain.rules.slice(0, end + 1);
    return [
      ...shadowed(table, chain, alive, order),
      ...chain.rules.slice(alive.length).map((_, i) => {
        const problem = `never reached: rule ${end + 1} decides about everything`;
        return found(table, chain, alive.length + i + 1, problem);
      }),
    ];
  });
}

function shadowed(table: Table, chain: Chain, rules: readonly Rule[], order: ChainOrder): Finding[] {
  const findings: Finding[] = [];
  const deciding = new WideRules();
  let lastChange = -1;
  for (const [i, rule] of rules.entries()) {
    const first = deciding.find(rule, (wide) => wide.at > lastChange || isFixed(wide.rule, table));
    if (first) {
      const how = covers(rule, first.rule) ? "has the same conditions" : "is for all its packets, too,";
      findings.push(found(table, chain, i + 1, `never matches: rule ${first.at + 1} ${how} and decides`));
    } else if (order.decides(rule) && !isUnconditional(rule)) deciding.add({ rule, at: i });
    if (CHANGING.has(rule.target?.name ?? "")) lastChange = i;
  }
  return findings;
}

/** Whether what the rule asks for cannot change until the next one. */
function isFixed(rule: Rule, table: Table): boolean {
  return conditionsOf(rule).every((match) => {
    const mayChange =
      CHANGEABLE.has(match.name) || (table.name === "raw" && /^(conntrack|state)$/.test(match.name));
    return !mayChange;
  });
}

/** The ct states that a rule is for; undefined: it does not ask. */
function askedStates(rule: Rule): readonly string[] | undefined {
  for (const match of rule.matches) {
    const states = statesOf(match) ?? (match.name === "conntrack" ? match.states?.any : undefined);
    if (states) return states;
  }
  return undefined;
}

const refuses = ({ target }: Rule) => target?.name === "DROP" || target?.name === "REJECT";
const accepts = ({ target }: Rule) => target?.name === "ACCEPT";

/** The chains of filter that packets from others come to. */
function guards(table: Table): Chain[] {
  return table.name === "filter"
    ? table.chains.filter(({ name }) => name === "INPUT" || name === "FORWARD")
    : [];
}

function answers(table: Table): Finding[] {
  const order = new ChainOrder(table);
  return guards(table).flatMap((chain) => {
    const isAnswers = (rule: Rule) => accepts(rule) && (askedStates(rule)?.includes("ESTABLISHED") ?? false);
    const all = [...order.rulesFrom(chain, true)];
    const rule = all.find(isAnswers);
    if (!rule) return noAnswers(table, chain, all);
    const asked = [...order.rulesFrom(chain, false)];
    const before = asked
      .slice(0, Math.max(0, asked.indexOf(rule)))
      .filter((one) => one.target?.name !== "jump");
    const refusing = before.filter((one) => refuses(one) && !askedStates(one));
    const why =
      refusing.length > EARLY_ENOUGH
        ? `${refusing.length} rules that refuse packets are`
        : before.length > SOON_ENOUGH && `${before.length} rules are`;
    if (!why) return [];
    const problem = `comes late: ${why} asked first about every packet of a known connection`;
    return [{ place: placeOf(table, rule), text: rule.text, problem }];
  });
}

/** New connections are let in by their state, and what belongs to them is not. */
function noAnswers(table: Table, chain: Chain, rules: readonly Rule[]): Finding[] {
  const opens = rules.find((rule) => accepts(rule) && askedStates(rule)?.includes("NEW"));
  const closed = chain.policy === "DROP" || rules.some((rule) => isUnconditional(rule) && refuses(rule));
  if (!opens || !closed) return [];
  const problem =
    "accepts new connections, but no rule lets their packets pass (--ctstate RELATED,ESTABLISHED)";
  return [{ place: placeOf(table, opens), text: opens.text, problem }];
}

function placeOf(table: Table, rule: Rule): string {
  const chain = table.chains.find(({ rules }) => rules.includes(rule));
  return `${table.name} ${chain?.name} ${(chain?.rules.indexOf(rule) ?? -1) + 1}`;
}

function invalidAccepted(table: Table): Finding[] {
  const problem = "accepts INVALID packets: they belong to no connection, and NAT leaves them as they are";
  if (table.name !== "filter") return [];
  return table.chains
    .filter(({ name }) => name !== "OUTPUT")
    .flatMap((chain) =>
      chain.rules.flatMap((rule, i) => {
        const isIt = accepts(rule) && rule.matches.some((match) => statesOf(match)?.includes("INVALID"));
        return isIt ? [found(table, chain, i + 1, problem)] : [];
      }),
    );
}

/** A stateful ruleset that lets everything out, beside a nat table that hides addresses. */
function invalidUntranslated(table: Table, tables: readonly Table[]): Finding[] {
  const hides = tables.some(({ chains }) =>
    chains.some(({ rules }) => rules.some(({ target }) => /^(SNAT|MASQUERADE)$/.test(target?.name ?? ""))),
  );
  const chain = table.name === "filter" && table.chains.find(({ name }) => name === "FORWARD");
  if (!hides || !chain) return [];
  const rules = [...new ChainOrder(table).rulesFrom(chain, true)];
  if (!rules.some((rule) => askedStates(rule))) return [];
  if (rules.some((rule) => refuses(rule) && askedStates(rule)?.includes("INVALID"))) return [];
  const open =
    chain.policy === "ACCEPT" && !chain.rules.some((rule) => isUnconditional(rule) && refuses(rule));
  if (!open) return [];
  const problem =
    "lets INVALID packets out with inside addresses, because NAT leaves them as they are: drop them (--ctstate INVALID -j DROP)";
  return [{ place: `${table.name} ${chain.name}`, text: `-P ${chain.name} ACCEPT`, problem }];
}

/** The raw table asks for what is not known yet. */
function stateless(table: Table): Finding[] {
  if (table.name !== "raw") return [];
  const problem = "asks for a ct state before tracking: only packets over lo have one in the raw table";
  return table.chains.flatMap((chain) =>
    chain.rules.flatMap((rule, i) => {
      const states = askedStates(rule);
      const never = states && !states.includes("INVALID") && !states.includes("UNTRACKED");
      return never ? [found(table, chain, i + 1, problem)] : [];
    }),
  );
}

function unusedChains(table: Table): Finding[] {
  const called = new Set(
    table.chains.flatMap(({ rules }) =>
      rules.flatMap(({ target }) => (target?.name === "jump" ? [target.chain] : [])),
    ),
  );
  return table.chains
    .filter(({ name, policy }) => policy === undefined && !called.has(name))
    .map(({ name }) => ({
      place: `${table.name} ${name}`,
      text: `:${name}`,
      problem: "no rule leads to this chain",
    }));
}

/** A rule may name more than the helper's name: what follows does not count. */
function helpersWithout(tables: readonly Table[]): Finding[] {
  const rules = tables.flatMap((table) =>
    table.chains.flatMap((chain) => chain.rules.map((rule) => ({ table, rule }))),
  );
  const given = rules.flatMap(({ rule: { target } }) =>
    target?.name === "CT" && target.helper ? [target.helper] : [],
  );
  return rules.flatMap(({ table, rule }) => {
    const match = rule.matches.find(({ name }) => name === "helper");
    if (match?.name !== "helper" || match.invert) return [];
    const asked = match.helper;
    if (given.some((name) => asked === "" || asked.startsWith(name))) return [];
    const name = asked || "NAME";
    const problem = `no rule gives a connection ${asked === "" ? "a helper" : `the helper ${asked}`} (-t raw -j CT --helper ${name})`;
    return [{ place: placeOf(table, rule), text: rule.text, problem }];
  });
}
