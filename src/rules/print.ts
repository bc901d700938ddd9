/** Rulesets as iptables-save prints them. */
import { printRule } from "./print-rule.js";
import type { Chain, Rule, RuleFamily, Ruleset } from "./ruleset.js";

export interface PrintOptions {
  /** As with `iptables-save -c`: each rule with its counters. */
  readonly counters?: boolean;
}

/** Without the comments, which name a date. */
export function printRuleset({ family, tables }: Ruleset, { counters = false }: PrintOptions = {}): string {
  return tables
    .flatMap(({ name, chains }) => [
      `*${name}`,
      ...chains.map(printChain),
      ...chains.flatMap((chain) => {
        return chain.rules.map(
          (rule) => `${counters ? `${printCounters(rule)} ` : ""}${print(chain, rule, family)}`,
        );
      }),
      "COMMIT",
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function print(chain: Chain, rule: Rule, family: RuleFamily): string {
  return rule.unsupported ? rule.text : printRule(chain.name, rule, family);
}

function printChain(chain: Chain): string {
  return `:${chain.name} ${chain.policy ?? "-"} ${printCounters(chain)}`;
}

function printCounters({ packets, bytes }: Chain | Rule): string {
  return `[${packets}:${bytes}]`;
}
