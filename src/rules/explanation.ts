/** What rules found of a packet, rule by rule and match by match, in words. */
import { RuleCheck } from "../../assembly/shared/rule-record.js";
import { isAsked } from "./encode/match.js";
import type { PlacedChain, PlacedRule } from "./encode/ruleset.js";
import { matchNamed } from "./extensions.js";
import { CONDITIONS, printMatch } from "./print-rule.js";
import type { RuleName } from "./program.js";
import type { HookName } from "./ruleset.js";
import { known, protocolText, type Seen, type Sight } from "./sight.js";

/** One condition of a rule, and what it made of the packet. */
export interface MatchOutcome {
  /** As iptables-save prints it: "-s 10.0.0.0/8", "! -i eth0", "-m tcp --dport 80". */
  readonly text: string;
  /** Whether it holds; undefined when it was not asked, because one before it did not. */
  readonly matched: boolean | undefined;
  /** The packet's value: "source 192.0.2.1", "credit for 0.4 packets"; undefined when there is none to tell. */
  readonly seen: string | undefined;
}

/** A rule that was asked about a packet. A policy has number 0, and no matches. */
export interface RuleVisit extends RuleName {
  readonly hook: HookName;
  /** "drops": the packet is too short for what it claims to be, so a match had it dropped at once. */
  readonly outcome: "matches" | "fails" | "drops";
  /** Addresses, devices and protocol first, then the matches in their order. */
  readonly matches: readonly MatchOutcome[];
}

/** What the engine has written down of a visit. */
export interface VisitNotes {
  readonly outcome: RuleVisit["outcome"];
  /** The condition before the matches that did not hold; 0: all did. */
  readonly failedCheck: number;
  /** Of each match that was asked. */
  readonly seen: readonly Omit<Seen, "matched">[];
}

export function policyVisit({ table, chain }: PlacedChain, hook: HookName): RuleVisit {
  const text = `-P ${chain.name} ${chain.policy}`;
  return { table, chain: chain.name, number: 0, text, hook, outcome: "matches", matches: [] };
}

export function ruleVisit(placed: PlacedRule, sight: Sight, notes: VisitNotes): RuleVisit {
  const { table, chain, number, rule } = placed;
  const { outcome } = notes;
  const matches = rule.unsupported ? [unsupported(rule.unsupported)] : outcomesOf(placed, sight, notes);
  return { table, chain, number, text: rule.text, hook: sight.fields.hook, outcome, matches };
}

const unsupported = ({ kind, name }: { readonly kind: "match" | "target"; readonly name: string }) => ({
  text: kind === "match" ? `-m ${name}` : `-j ${name}`,
  matched: false,
  seen: "not supported: never matches",
});

function outcomesOf({ rule, family }: PlacedRule, sight: Sight, notes: VisitNotes): MatchOutcome[] {
  const outcomes: MatchOutcome[] = [];
  let failed: boolean = false;
  for (const { check, print } of CONDITIONS) {
    const text = print(rule);
    if (text === undefined) continue;
    const matched: boolean | undefined = failed ? undefined : check !== notes.failedCheck;
    outcomes.push({ text, matched, seen: failed ? undefined : conditionSeen(check, sight) });
    failed ||= matched === false;
  }
  const last = notes.seen.length - 1;
  for (const [i, match] of rule.matches.filter(isAsked).entries()) {
    const text = printMatch(match, family);
    const numbers = notes.seen[i];
    if (!numbers) {
      outcomes.push({ text, matched: undefined, seen: undefined });
      continue;
    }
    const matched = i < last || notes.outcome === "matches";
    const short = i === last && notes.outcome === "drops";
    const seen = short
      ? "too short for its protocol"
      : matchNamed(match.name, family)?.seen(match, sight, { ...numbers, matched });
    outcomes.push({ text, matched, seen: seen || undefined });
  }
  return outcomes;
}

function conditionSeen(check: RuleCheck, sight: Sight): string {
  const { in: input, out, protocol } = sight.fields;
  switch (check) {
    case RuleCheck.SOURCE:
      return `source ${sight.source}`;
    case RuleCheck.DESTINATION:
      return `destination ${sight.destination}`;
    case RuleCheck.IN:
      return `comes by ${input ?? "no interface"}`;
    case RuleCheck.OUT:
      return `leaves by ${out ?? "no interface"}`;
    case RuleCheck.PROTOCOL:
      return protocolText(protocol);
    default:
      return `fragment offset ${known(sight.fragmentOffset)}`;
  }
}

const MARKS = { matches: "yes", fails: "no", drops: "drops" } as const;

/** Of a long run of rules that do not match, so many at both ends are shown. */
const SHOWN = 5;

/**
 * Each rule with its place and whether it matched, and below it its matches with the packet's values.
 * @param short leaves out most of the rules of long runs that did not match
 */
export function explanationText(visits: readonly RuleVisit[], lost = 0, short = false): string {
  const text: string[] = [];
  for (let i = 0; i < visits.length; i++) {
    const run = short ? failingFrom(visits, i) : 0;
    if (run > 2 * SHOWN + 1) {
      text.push(...visits.slice(i, i + SHOWN).map(visitText));
      text.push(`... ${run - 2 * SHOWN} rules that do not match ...`);
      i += run - SHOWN;
    }
    text.push(visitText(visits[i] as RuleVisit));
  }
  if (lost > 0) text.push(`... and ${lost} more that there was no room for`);
  return text.join("\n");
}

/** How many rules of one chain that follow each other did not match. */
function failingFrom(visits: readonly RuleVisit[], first: number): number {
  let end = first;
  while (visits[end]?.outcome === "fails" && visits[end]?.chain === visits[first]?.chain) end++;
  return end - first;
}

function visitText(visit: RuleVisit): string {
  return [headOf(visit), ...matchLines(visit.matches)].join("\n");
}

function headOf({ table, chain, number, text, hook, outcome }: RuleVisit): string {
  const place = `${table} ${chain} ${number || "policy"}`;
  const where = chain === hook ? place : `${place} (${hook})`;
  return number === 0 ? `${where}: ${text}` : `${where}: ${MARKS[outcome]}  ${text}`;
}

/** Longer texts are not aligned. */
const WIDEST = 60;

function matchLines(matches: readonly MatchOutcome[]): string[] {
  const width = Math.max(...matches.map(({ text }) => text.length).filter((length) => length <= WIDEST), 0);
  return matches.map(({ text, matched, seen }) => {
    const mark = matched === undefined ? "-" : matched ? "yes" : "no";
    const said = matched === undefined ? "not asked" : (seen ?? "");
    return `    ${mark.padEnd(5)}${text.padEnd(width)}  ${said}`.trimEnd();
  });
}
