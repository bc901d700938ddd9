/** The rules in an engine: put in place all at once, named and counted. */

import { ConnlimitRecord } from "../../assembly/shared/counting-records.js";
import { TraceKind } from "../../assembly/shared/log-kind.js";
import { ChainRecord, RuleRecord } from "../../assembly/shared/rule-record.js";
import type { Engine } from "../engine/engine.js";
import { ConntrackError } from "../errors.js";
import type { LoggingRule } from "../log.js";
import type { ProgramNeeds, RuleResources } from "./encode/context.js";
import { type EncodedProgram, encodeRulesets, type PlacedRule } from "./encode/ruleset.js";
import { NamedMemory } from "./named-memory.js";
import {
  HOOK_NAMES,
  type HookName,
  type Rule,
  type RuleFamily,
  type Ruleset,
  type TableName,
} from "./ruleset.js";

/** Where a rule stands, and what iptables-save prints of it. */
export interface RuleName {
  readonly table: TableName;
  readonly chain: string;
  /** In its chain, from 1; 0 for the chain's policy. */
  readonly number: number;
  readonly text: string;
}

export interface RuleCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
}

function isPlainVerdict(rule: Rule): boolean {
  const { source, destination, in: input, out: output, protocol, fragment, matches, target } = rule;
  const conditions = [source, destination, input, output, protocol, fragment, ...matches];
  const verdicts = ["ACCEPT", "DROP", "RETURN"];
  return verdicts.includes(target?.name ?? "") && conditions.every((condition) => !condition);
}

export class RuleProgram {
  readonly #engine: Engine;
  readonly #resources: RuleResources;
  readonly #memory: NamedMemory;
  #address = 0;
  #encoded: EncodedProgram | undefined;

  constructor(engine: Engine, resources: Omit<RuleResources, "recentList" | "hashlimit">) {
    const memory = new NamedMemory(engine);
    this.#engine = engine;
    this.#memory = memory;
    this.#resources = {
      ...resources,
      recentList: (...list) => memory.recentList(...list),
      hashlimit: (...table) => memory.hashlimit(...table),
    };
  }

  /**
   * Replaces all rules at once; flows live on. When it throws, the old rules stay. Returns what the rules need.
   * @param classify false: long chains are walked rule by rule, for comparison
   * @throws ConntrackError CT_BAD_RULE for what is not supported, CT_ENGINE when there is no memory
   */
  load(rulesets: readonly Ruleset[], classify = true): Readonly<ProgramNeeds> {
    try {
      this.#install(encodeRulesets(rulesets, this.#resources, classify));
    } catch (error) {
      this.#memory.abandon();
      throw error;
    }
    this.#memory.settle();
    return this.#encoded!.needs;
  }

  #install(encoded: EncodedProgram): void {
    const engine = this.#engine;
    const bytes = encoded.image.length;
    const address = engine.call.reserveProgram(bytes) >>> 0;
    engine.refresh();
    if (!address) throw new ConntrackError("CT_ENGINE", `no memory for ${bytes} bytes of rules`);
    engine.u8.set(encoded.image.placeAt(address), address);
    engine.placed++;
    this.#forgetConnections();
    engine.call.installProgram(address, bytes);
    this.#address = address;
    this.#encoded = encoded;
  }

  /** What rules with `connlimit` remember goes with them. */
  #forgetConnections(): void {
    const { call, u32 } = this.#engine;
    for (const at of this.#encoded?.needs.connlimits ?? []) {
      const connections = u32[(this.#address + at + ConnlimitRecord.CONNECTIONS) >>> 2] ?? 0;
      if (connections) call.destroyConnections(connections);
    }
  }

  /** The rule with a number that a packet carries; for 0 the policy of the table's chain at the hook. */
  deciding(number: number, family: RuleFamily, table: TableName, hook: HookName): RuleName | undefined {
    if (number === 0) {
      const policy = this.#encoded?.chains.find(
        (one) => one.family === family && one.table === table && one.chain.name === hook,
      )?.chain.policy;
      return policy && { table, chain: hook, number, text: `-P ${hook} ${policy}` };
    }
    const placed = this.#encoded?.rules[number - 1];
    return placed && nameOf(placed);
  }

  /** The rule with a number, if it is one that logs. */
  logging(number: number): LoggingRule | undefined {
    const placed = this.#encoded?.rules[number - 1];
    const target = placed?.rule.target;
    if (!placed || (target?.name !== "LOG" && target?.name !== "NFLOG")) return undefined;
    return { name: nameOf(placed), target };
  }

  /** Rules and chains by their numbers in the engine. */
  get placed(): Pick<EncodedProgram, "rules" | "chains"> {
    return this.#encoded ?? { rules: [], chains: [] };
  }

  /** Names of the sets that the rules ask for. */
  get setsInUse(): ReadonlySet<string> {
    return this.#encoded?.needs.sets ?? new Set();
  }

  /** The place that TRACE names. */
  traced(kind: TraceKind, subject: number): string {
    if (kind !== TraceKind.RULE) {
      const placed = this.#encoded?.chains[subject];
      const end = kind === TraceKind.POLICY ? "policy" : "return";
      return placed
        ? `${placed.table}:${placed.chain.name}:${end}:${placed.chain.rules.length + 1}`
        : "unknown";
    }
    const placed = this.#encoded?.rules[subject - 1];
    if (!placed) return "unknown";
    const { table, chain, number, rule } = placed;
    // Linux takes a verdict without conditions for the end of its chain.
    const end = HOOK_NAMES.some((hook) => hook === chain) ? "policy" : "return";
    return `${table}:${chain}:${isPlainVerdict(rule) ? end : "rule"}:${number}`;
  }

  /** The rulesets that are loaded, with the counters as they are now. */
  save(): Ruleset[] {
    const { rulesets = [], rules = [], chains = [] } = this.#encoded ?? {};
    let chain = 0;
    let rule = 0;
    return rulesets.map(({ family, tables }) => ({
      family,
      tables: tables.map((table) => ({
        ...table,
        chains: table.chains.map((one) => ({
          ...one,
          ...this.#counters(chains[chain++]!.at + ChainRecord.COUNTERS),
          rules: one.rules.map((each) => ({
            ...each,
            ...this.#counters(rules[rule++]!.at + RuleRecord.COUNTERS),
          })),
        })),
      })),
    }));
  }

  /** All counters at zero, as `iptables -Z` does. */
  resetCounters(): void {
    const { rules = [], chains = [] } = this.#encoded ?? {};
    const { u8 } = this.#engine;
    for (const { at } of rules) u8.fill(0, this.#address + at, this.#address + at + 16);
    for (const { at } of chains) u8.fill(0, this.#address + at, this.#address + at + 16);
  }

  #counters(at: number): RuleCounters {
    const { u8 } = this.#engine;
    const view = new DataView(u8.buffer, this.#address + at, 16);
    return { packets: view.getBigUint64(0, true), bytes: view.getBigUint64(8, true) };
  }
}

function nameOf({ table, chain, number, rule }: PlacedRule): RuleName {
  return { table, chain, number, text: rule.text };
}
