/** Rulesets as a program: all chains, then the stack. */
import { Hook } from "../../../assembly/shared/ct-state.js";
import {
  CHAINS_OF_FAMILY,
  CHAINS_OF_TABLE,
  ChainRecord,
  ProgramRecord,
  RULE_ALIGNMENT,
  RuleRecord,
} from "../../../assembly/shared/rule-record.js";
import { RuleVerdict } from "../../../assembly/shared/rule-verdict.js";
import { Table as TableNumber } from "../../../assembly/shared/table.js";
import type { Chain, HookName, Rule, RuleFamily, Ruleset, Table, TableName } from "../ruleset.js";
import { type ChainRule, encodeClassifier } from "./classifier.js";
import { badRule, type EncodeContext, type ProgramNeeds, type RuleResources } from "./context.js";
import { ProgramImage } from "./image.js";
import { refuseLoops } from "./loops.js";
import { encodeRule } from "./rule.js";

/** A rule in its place. */
export interface PlacedRule {
  readonly family: RuleFamily;
  readonly table: TableName;
  readonly chain: string;
  /** In its chain, from 1. */
  readonly number: number;
  readonly rule: Rule;
  /** Offset in the program. */
  readonly at: number;
}

export interface PlacedChain {
  readonly family: RuleFamily;
  readonly table: TableName;
  readonly chain: Chain;
  readonly at: number;
}

export interface EncodedProgram {
  readonly image: ProgramImage;
  readonly rulesets: readonly Ruleset[];
  /** In the order of the rulesets, like the chains. Rule n of the program is the one at n - 1. */
  readonly rules: readonly PlacedRule[];
  readonly chains: readonly PlacedChain[];
  readonly needs: Readonly<ProgramNeeds>;
}

/**
 * @param classify false: rules are asked one by one, however many there are; the answers are the same
 * @throws ConntrackError CT_BAD_RULE for what is not supported, undefined chains and loops
 */
export function encodeRulesets(
  rulesets: readonly Ruleset[],
  resources: RuleResources,
  classify = true,
): EncodedProgram {
  const image = new ProgramImage();
  image.reserve(ProgramRecord.SIZE, RULE_ALIGNMENT);
  const rules: PlacedRule[] = [];
  const chains: PlacedChain[] = [];
  const needs: ProgramNeeds = { accounting: false, connlimits: [], sets: new Set() };
  for (const { family, tables } of rulesets) {
    for (const table of tables) {
      refuseLoops(table);
      encodeTable({ image, rules, chains, needs, resources, classify }, family, table);
    }
  }
  image.pointer(ProgramRecord.STACK, image.reserve(8 * (chains.length + 1), 8));
  return { image, rulesets, rules, chains, needs };
}

interface Progress {
  readonly image: ProgramImage;
  readonly rules: PlacedRule[];
  readonly chains: PlacedChain[];
  readonly needs: ProgramNeeds;
  readonly resources: RuleResources;
  readonly classify: boolean;
}

function encodeTable(progress: Progress, family: RuleFamily, table: Table): void {
  const { image, rules, chains, needs, resources } = progress;
  const places = new Map<string, number>();
  for (const chain of table.chains) {
    const at = image.reserve(ChainRecord.SIZE, RULE_ALIGNMENT);
    places.set(chain.name, at);
    image.u32(at + ChainRecord.NUMBER, chains.length);
    chains.push({ family, table: table.name, chain, at });
    if (!chain.policy) continue;
    image.u64(at + ChainRecord.COUNTERS, chain.packets);
    image.u64(at + ChainRecord.COUNTERS + 8, chain.bytes);
    image.u8(at + ChainRecord.POLICY, RuleVerdict[chain.policy]);
    image.pointer(baseChainAt(family, table.name, chain.name as HookName), at);
  }
  for (const chain of table.chains) {
    const placed = chain.rules.map((rule, i) => {
      const context: EncodeContext = { image, family, rule, needs, resources };
      const at = encodeRule(context, rules.length + 1);
      rules.push({ family, table: table.name, chain: chain.name, number: i + 1, rule, at });
      if (rule.target?.name === "jump") {
        const to = places.get(rule.target.chain);
        if (to === undefined) throw badRule(rule, `chain "${rule.target.chain}" does not exist`);
        image.pointer(at + RuleRecord.CHAIN, to);
      }
      return { rule, at };
    });
    link(progress, family, places.get(chain.name)! + ChainRecord.ENTRY, placed);
  }
}

/** Says what comes after what: from the chain's entry rule by rule, or to the classifier of the rest. */
function link(
  { image, classify }: Progress,
  family: RuleFamily,
  entry: number,
  chain: readonly ChainRule[],
): void {
  const classified = classify ? encodeClassifier(image, family, chain) : undefined;
  let from = entry;
  for (const [i, { at }] of chain.entries()) {
    if (!classified || i < classified.first) image.pointer(from, at);
    else image.pointer(from, i === classified.first ? classified.begin : classified.next);
    from = at + RuleRecord.NEXT;
  }
  if (classified) image.pointer(from, classified.next);
}

/** Offset of the place that names a base chain. */
function baseChainAt(family: RuleFamily, table: TableName, hook: HookName): number {
  const number = TableNumber[table.toUpperCase() as Uppercase<TableName>];
  const i = (family === "ipv6" ? CHAINS_OF_FAMILY : 0) + number * CHAINS_OF_TABLE + Hook[hook];
  return ProgramRecord.CHAINS + 4 * i;
}
