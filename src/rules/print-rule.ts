/** A rule as iptables-save prints it. */
import { protocolName } from "../text/protocols.js";
import { matchNamed, targetNamed } from "./extensions.js";
import { given, printNetwork, words } from "./printers.js";
import type { Rule, RuleFamily } from "./ruleset.js";
import type { InterfacePattern } from "./values.js";

/** From "-A" on, without counters. */
export function printRule(chain: string, rule: Omit<Rule, "text">, family: RuleFamily): string {
  return words(
    "-A",
    chain,
    given("-s", rule.source, printNetwork),
    given("-d", rule.destination, printNetwork),
    given("-i", rule.in, printInterface),
    given("-o", rule.out, printInterface),
    given("-p", rule.protocol, ({ number }) => protocolName(number) ?? number),
    given("-f", rule.fragment),
    ...rule.matches.map((match) =>
      words("-m", match.name, matchNamed(match.name, family)?.print(match, family)),
    ),
    rule.target && printTarget(rule.target, family),
  );
}

function printInterface({ name, prefix }: InterfacePattern): string {
  return prefix ? `${name}+` : name;
}

function printTarget(target: NonNullable<Rule["target"]>, family: RuleFamily): string {
  if (target.name === "jump") return words(target.goto ? "-g" : "-j", target.chain);
  return words("-j", target.name, targetNamed(target.name, family)?.print(target, family));
}
