/** A rule as iptables-save prints it. */
import { RuleCheck } from "../../assembly/shared/rule-record.js";
import { protocolName } from "../text/protocols.js";
import { matchNamed, targetNamed } from "./extensions.js";
import type { Match } from "./matches/index.js";
import { given, printNetwork, words } from "./printers.js";
import type { Rule, RuleFamily } from "./ruleset.js";
import type { InterfacePattern } from "./values.js";

type Conditions = Omit<Rule, "text">;

/** The conditions before the matches, in the order in which they are asked. */
export const CONDITIONS: readonly {
  readonly check: RuleCheck;
  /** Undefined for a rule that has it not. */
  print(rule: Conditions): string | undefined;
}[] = [
  { check: RuleCheck.SOURCE, print: (rule) => given("-s", rule.source, printNetwork) },
  { check: RuleCheck.DESTINATION, print: (rule) => given("-d", rule.destination, printNetwork) },
  { check: RuleCheck.IN, print: (rule) => given("-i", rule.in, printInterface) },
  { check: RuleCheck.OUT, print: (rule) => given("-o", rule.out, printInterface) },
  {
    check: RuleCheck.PROTOCOL,
    print: (rule) => given("-p", rule.protocol, ({ number }) => protocolName(number) ?? number),
  },
  { check: RuleCheck.FRAGMENT, print: (rule) => given("-f", rule.fragment) },
];

/** From "-A" on, without counters. */
export function printRule(chain: string, rule: Conditions, family: RuleFamily): string {
  return words(
    "-A",
    chain,
    ...CONDITIONS.map(({ print }) => print(rule)),
    ...rule.matches.map((match) => printMatch(match, family)),
    rule.target && printTarget(rule.target, family),
  );
}

export function printMatch(match: Match, family: RuleFamily): string {
  return words("-m", match.name, matchNamed(match.name, family)?.print(match, family));
}

function printInterface({ name, prefix }: InterfacePattern): string {
  return prefix ? `${name}+` : name;
}

function printTarget(target: NonNullable<Rule["target"]>, family: RuleFamily): string {
  if (target.name === "jump") return words(target.goto ? "-g" : "-j", target.chain);
  return words("-j", target.name, targetNamed(target.name, family)?.print(target, family));
}
