/** What is legal in a ruleset, and probably not meant. Works on what iptables-save prints. */

export interface Finding {
  /** `filter FORWARD 3`, or `filter FORWARD` for a chain. */
  readonly place: string;
  readonly text: string;
  readonly problem: string;
}

interface Rule {
  readonly number: number;
  readonly text: string;
  readonly target: string | undefined;
  /** What stands between chain and target: the conditions. */
  readonly conditions: string;
}

interface Chain {
  readonly table: string;
  readonly name: string;
  /** "-" for chains of one's own. */
  readonly policy: string;
  readonly rules: Rule[];
}

/** Targets after which no further rule of the chain is looked at. */
const FINAL = new Set([
  "ACCEPT",
  "DROP",
  "REJECT",
  "RETURN",
  "SNAT",
  "DNAT",
  "MASQUERADE",
  "REDIRECT",
  "NETMAP",
]);
/** Refusals in front of the rule that lets answers pass: so many are taken for no accident. */
const EARLY_ENOUGH = 4;

export function lint(saved: string): Finding[] {
  const chains = chainsOf(saved);
  return [
    ...chains.flatMap(unreachable),
    ...chains.flatMap(shadowed),
    ...chains.flatMap(answersLate),
    ...chains.flatMap(invalidAccepted),
    ...unusedChains(chains),
    ...helpersWithout(chains),
  ];
}

function chainsOf(saved: string): Chain[] {
  const chains: Chain[] = [];
  let table = "";
  for (const line of saved.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name && policy) chains.push({ table, name, policy, rules: [] });
    const [, of, rest = ""] = /^-A (\S+)(.*)/.exec(line) ?? [];
    const chain = chains.find((one) => one.table === table && one.name === of);
    if (!chain) continue;
    const [, conditions = "", target] = /^(.*?)(?: -[jg] (\S+).*)?$/.exec(rest) ?? [];
    const meant = conditions.replace(/ -m comment --comment ("[^"]*"|\S+)/g, "");
    chain.rules.push({ number: chain.rules.length + 1, text: line, target, conditions: meant });
  }
  return chains;
}

const placeOf = ({ table, name }: Chain, { number }: Rule) => `${table} ${name} ${number}`;

function unreachable(chain: Chain): Finding[] {
  const end = chain.rules.findIndex(({ conditions, target }) => conditions === "" && FINAL.has(target ?? ""));
  if (end < 0) return [];
  return chain.rules.slice(end + 1).map((rule) => ({
    place: placeOf(chain, rule),
    text: rule.text,
    problem: `never reached: rule ${end + 1} decides about everything`,
  }));
}

function shadowed(chain: Chain): Finding[] {
  return chain.rules.flatMap((rule, i) => {
    // Limits and the like count: the second of two such rules does get packets.
    if (/-m (limit|hashlimit|recent|quota|statistic|connlimit)\b/.test(rule.conditions)) return [];
    const first = chain.rules
      .slice(0, i)
      .find(
        ({ conditions, target }) =>
          conditions === rule.conditions && conditions !== "" && FINAL.has(target ?? ""),
      );
    if (!first) return [];
    const problem = `never matches: rule ${first.number} has the same conditions and decides`;
    return [{ place: placeOf(chain, rule), text: rule.text, problem }];
  });
}

const isFilter = ({ table, name }: Chain) => table === "filter" && (name === "INPUT" || name === "FORWARD");
const statesOf = ({ conditions }: Rule) =>
  / (?:--ctstate|--state) (\S+)/.exec(conditions)?.[1]?.split(",") ?? [];
const refuses = ({ target }: Rule) => target === "DROP" || target === "REJECT";

function answersLate(chain: Chain): Finding[] {
  if (!isFilter(chain)) return [];
  const rule = chain.rules.find((one) => one.target === "ACCEPT" && statesOf(one).includes("ESTABLISHED"));
  const before = chain.rules.filter(
    (one) => one.number < (rule?.number ?? 0) && refuses(one) && !statesOf(one).length,
  );
  if (!rule || before.length <= EARLY_ENOUGH) return [];
  const problem = `comes late: ${before.length} rules that refuse packets are asked first about every packet of a known connection`;
  return [{ place: placeOf(chain, rule), text: rule.text, problem }];
}

function invalidAccepted(chain: Chain): Finding[] {
  if (!isFilter(chain)) return [];
  return chain.rules
    .filter(
      (rule) =>
        rule.target === "ACCEPT" &&
        statesOf(rule).includes("INVALID") &&
        !/! --(ct)?state/.test(rule.conditions),
    )
    .map((rule) => ({
      place: placeOf(chain, rule),
      text: rule.text,
      problem: "accepts INVALID packets: they belong to no connection, and NAT leaves them as they are",
    }));
}

function unusedChains(chains: readonly Chain[]): Finding[] {
  const called = new Set(
    chains.flatMap(({ table, rules }) => rules.map(({ target }) => `${table} ${target}`)),
  );
  return chains
    .filter(({ table, name, policy }) => policy === "-" && !called.has(`${table} ${name}`))
    .map(({ table, name }) => ({
      place: `${table} ${name}`,
      text: `:${name}`,
      problem: "no rule leads to this chain",
    }));
}

function helpersWithout(chains: readonly Chain[]): Finding[] {
  const rules = chains.flatMap((chain) => chain.rules.map((rule) => ({ chain, rule })));
  const given = new Set(
    rules.flatMap(({ rule }) => / -j CT .*--helper "?([\w.-]+)/.exec(rule.text)?.[1] ?? []),
  );
  return rules.flatMap(({ chain, rule }) => {
    const asked = / --helper "?([\w.-]+)/.exec(rule.conditions)?.[1];
    if (asked === undefined || given.has(asked)) return [];
    const problem = `no rule gives a connection the helper ${asked} (-t raw -j CT --helper ${asked})`;
    return [{ place: placeOf(chain, rule), text: rule.text, problem }];
  });
}
