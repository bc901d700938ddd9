/** What the kernel checks when a table is handed to it. */
import { protocolName } from "../text/protocols.js";
import type { Word } from "../text/source.js";
import type { ChainDraft } from "./chain-draft.js";
import type { Extension, Placement } from "./extension.js";
import type { Placed, RuleDraft } from "./rule-draft.js";
import { ruleError } from "./rule-error.js";
import { HOOK_NAMES, type HookName, type Rule, type RuleFamily, type Table } from "./ruleset.js";

/**
 * @param drafts the table's chains, with the places of what is wrong
 * @throws SourceError at the first rule that the kernel would refuse
 */
export function checkTable(table: Table, family: RuleFamily, drafts: readonly ChainDraft[]): void {
  const reached = reach(drafts);
  for (const [i, { rules }] of drafts.entries()) {
    for (const [j, draft] of rules.entries()) {
      const rule = table.chains[i]?.rules[j] as Rule;
      const placement = { table: table.name, family, hooks: reached.get(draft) ?? NO_HOOKS, rule };
      for (const match of draft.matches) check(match, placement);
      if (draft.target) check(draft.target, placement);
    }
  }
}

const NO_HOOKS: ReadonlySet<HookName> = new Set();

function check<Data>({ data, extension, word }: Placed<Data>, placement: Placement): void {
  const problem = checkPlace(extension, placement) ?? extension.refusal?.(data, placement);
  if (problem !== undefined) throw ruleError(word, problem);
}

function checkPlace<Data>(extension: Extension<Data>, placement: Placement): string | undefined {
  const { name, tables, hooks, protocols } = extension;
  if (tables && !tables.includes(placement.table)) {
    return `${name} belongs into the table ${tables.join(" or ")}, not into ${placement.table}`;
  }
  const wrong = hooks && [...placement.hooks].find((hook) => !hooks.includes(hook));
  if (wrong) return `${name} cannot be reached from ${wrong}, only from ${hooks.join(", ")}`;
  const { protocol } = placement.rule;
  if (protocols && (!protocol || protocol.invert || !protocols.includes(protocol.number))) {
    return `${name} needs -p ${protocols.map(protocolName).join(", ")}`;
  }
  return undefined;
}

/** A rule that applies to every packet and decides, so that none gets past it. */
function isEnd({
  source,
  destination,
  in: incoming,
  out,
  protocol,
  fragment,
  matches,
  target,
}: RuleDraft): boolean {
  const conditions = [source, destination, incoming, out, protocol, fragment, matches[0]];
  return target !== undefined && isVerdict(target.data.name) && conditions.every((one) => one === undefined);
}

function isVerdict(name: string): boolean {
  return name === "ACCEPT" || name === "DROP" || name === "RETURN";
}

/**
 * From which hooks each rule can be reached.
 * @throws SourceError when chains lead back to themselves
 */
function reach(chains: readonly ChainDraft[]): Map<RuleDraft, Set<HookName>> {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const reached = new Map<RuleDraft, Set<HookName>>();
  for (const hook of HOOK_NAMES) {
    const base = byName.get(hook);
    if (base?.policy !== undefined) walk(base, hook, byName, reached);
  }
  return reached;
}

function walk(
  base: ChainDraft,
  hook: HookName,
  chains: ReadonlyMap<string, ChainDraft>,
  reached: Map<RuleDraft, Set<HookName>>,
): void {
  const path = new Set([base]);
  const left = new Set<ChainDraft>();
  const frames = [{ chain: base, at: 0 }];
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const rule = frame.chain.rules[frame.at++];
    if (rule) {
      reached.set(rule, (reached.get(rule) ?? new Set()).add(hook));
      if (isEnd(rule)) frame.at = frame.chain.rules.length;
    } else {
      frames.pop();
      path.delete(frame.chain);
      left.add(frame.chain);
    }
    const target = rule?.target?.data;
    const next = target?.name === "jump" ? chains.get(target.chain) : undefined;
    if (!next || left.has(next)) continue;
    if (path.has(next))
      throw ruleError(rule?.target?.word as Word, `the chain ${next.name} leads back to itself`);
    path.add(next);
    frames.push({ chain: next, at: 0 });
  }
}
