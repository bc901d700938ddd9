import type { HelperLike } from "./api.js";
import { dissect } from "./dissect.js";
import { fromHex, type Scenario } from "./recording.js";

/** What an nft ruleset of a scenario asks of connection tracking itself. */
export interface Ruleset {
  helpers: HelperLike[];
  /** Filter rules drop packets after tracking; which ones, the recording says. */
  drops: boolean;
  /** First statement that has no counterpart in `Conntrack`: NAT, zones, marks, notrack ... */
  needs: string | undefined;
}

const NO_RULES: Ruleset = { helpers: [], drops: false, needs: undefined };
export const HELPER_OBJECT = /ct helper (\S+) \{ type "([^"]+)" protocol \w+; \}/g;
const HELPER_RULE = /^(tcp|udp) dport ([\d,]+) ct helper set "([^"]+)"$/;
export const STRUCTURE = /^(table (inet|ip|ip6) \S+|chain \S+)$/;
export const HOOK = /^type (?:filter|nat) hook (\w+) priority -?\d+$/;
/** Hooks after conntrack's own, where dropping a packet only keeps its flow from being confirmed. */
const LATER_HOOKS = new Set(["forward", "input", "postrouting"]);

export function readRuleset(text: string | undefined): Ruleset {
  if (!text) return NO_RULES;
  const types = new Map<string, string>();
  for (const [, name, type] of text.matchAll(HELPER_OBJECT)) types.set(name!, type!);
  const found: Ruleset = { helpers: [], drops: false, needs: undefined };
  let hook = "";
  for (const statement of statementsOf(text.replace(HELPER_OBJECT, ""))) {
    const helper = HELPER_RULE.exec(statement);
    const chain = HOOK.exec(statement);
    if (helper) {
      const name = types.get(helper[3]!) ?? helper[3]!;
      const protocol = helper[1] as HelperLike["protocol"];
      for (const port of helper[2]!.split(",")) found.helpers.push({ name, protocol, port: Number(port) });
    } else if (chain) {
      hook = chain[1]!;
    } else if (LATER_HOOKS.has(hook) && / drop$/.test(statement)) {
      found.drops = true;
    } else if (!STRUCTURE.test(statement)) {
      found.needs ??= statement;
    }
  }
  return found;
}

/** Tables, chains and rules in order, sets without their braces and blanks. */
export function statementsOf(text: string): string[] {
  const plain = text.replace(/\{ *([\d, ]+?) *\}/g, (_, list: string) => list.replaceAll(" ", ""));
  return plain
    .split(/[;{}\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** The helpers that some packet of the scenario can get attached; the others cannot matter. */
export function helpersInUse(ruleset: Ruleset, scenario: Scenario): HelperLike[] {
  if (ruleset.helpers.length === 0) return [];
  const targets = new Set<string>();
  for (const step of scenario.steps) {
    if (step.in === undefined) continue;
    const { protocol, dport } = dissect(fromHex(step.in));
    targets.add(`${protocol} ${dport}`);
  }
  return ruleset.helpers.filter(({ protocol, port }) =>
    targets.has(`${protocol === "tcp" ? 6 : 17} ${port}`),
  );
}
