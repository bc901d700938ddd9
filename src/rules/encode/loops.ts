/** Chains that lead back to themselves, which iptables refuses and the stack of a program has no room for. */
import type { Chain, Rule, Table } from "../ruleset.js";
import { badRule } from "./context.js";

/** @throws ConntrackError CT_BAD_RULE naming the jump that closes a loop */
export function refuseLoops(table: Table): void {
  const chains = new Map(table.chains.map((chain) => [chain.name, chain]));
  const done = new Set<Chain>();
  for (const first of table.chains) {
    // A stack of our own: chains may call each other deeper than JavaScript functions can.
    const way: { readonly chain: Chain; readonly jumps: Iterator<Rule> }[] = [];
    const open = new Set<Chain>();
    const enter = (chain: Chain) => {
      open.add(chain);
      way.push({ chain, jumps: chain.rules.filter(({ target }) => target?.name === "jump").values() });
    };
    if (!done.has(first)) enter(first);
    while (way.length > 0) {
      const { chain, jumps } = way[way.length - 1]!;
      const next = jumps.next();
      if (next.done) {
        way.pop();
        open.delete(chain);
        done.add(chain);
        continue;
      }
      const rule = next.value as Rule;
      const target = rule.target as { readonly chain: string };
      const called = chains.get(target.chain);
      if (!called || done.has(called)) continue;
      if (open.has(called)) throw badRule(rule, `loop: chain "${target.chain}" leads back to itself`);
      enter(called);
    }
  }
}
