/** A chain while its table is read. */

import { printRule } from "./print-rule.js";
import { words } from "./printers.js";
import type { RuleDraft } from "./rule-draft.js";
import type { Counters } from "./rule-reader.js";
import type { Chain, Rule, RuleFamily } from "./ruleset.js";

export interface ChainDraft {
  name: string;
  /** Of base chains alone. */
  policy: "ACCEPT" | "DROP" | undefined;
  counters: Counters;
  readonly rules: RuleDraft[];
}

export const NO_COUNTERS: Counters = { packets: 0n, bytes: 0n };

export function finishChain({ name, policy, counters, rules }: ChainDraft, family: RuleFamily): Chain {
  return {
    name,
    ...(policy && { policy }),
    ...counters,
    rules: rules.map((rule) => finishRule(name, rule, family)),
  };
}

/** Without what only messages need. */
export function finishRule(chain: string, draft: RuleDraft, family: RuleFamily): Rule {
  const { verbatim, word, matches, target, ...rest } = draft;
  const rule = { ...rest, matches: matches.map(({ data }) => data), ...(target && { target: target.data }) };
  const text = verbatim === undefined ? printRule(chain, rule, family) : words("-A", chain, verbatim);
  return { ...rule, text };
}
