/** In which order the rules of a table are asked, and where that ends. */
import type { Chain, Rule, Table } from "../rules/index.js";
import { conditionsOf } from "./covers.js";

/** Targets after which no further rule of the table is asked. */
const VERDICTS = new Set(["ACCEPT", "DROP", "REJECT", "SNAT", "DNAT", "MASQUERADE", "REDIRECT", "NETMAP"]);

/** Rules that are looked at, at most: chains that call each other can lead to any number. */
const MOST = 20_000;

export function isUnconditional(rule: Rule): boolean {
  const { source, destination, in: input, out, protocol, fragment, unsupported } = rule;
  const conditions = [source, destination, input, out, protocol, fragment, unsupported];
  return conditionsOf(rule).length === 0 && conditions.every((one) => one === undefined);
}

export class ChainOrder {
  readonly #chains: ReadonlyMap<string, Chain>;
  readonly #final = new Map<string, boolean>();

  constructor(table: Table) {
    this.#chains = new Map(table.chains.map((chain) => [chain.name, chain]));
  }

  /** Whether packets that match the rule go no further in its chain. */
  decides({ target }: Rule): boolean {
    if (target?.name !== "jump") return VERDICTS.has(target?.name ?? "") || target?.name === "RETURN";
    return target.goto || this.#endsAll(target.chain);
  }

  /** Whether a chain decides about every packet, so that none comes back from it. */
  #endsAll(name: string): boolean {
    const known = this.#final.get(name);
    if (known !== undefined) return known;
    this.#final.set(name, false);
    let ends = false;
    for (const rule of this.#chains.get(name)?.rules ?? []) {
      const { target } = rule;
      if (target?.name === "RETURN" || (target?.name === "jump" && target.goto)) break;
      ends = isUnconditional(rule) && this.decides(rule);
      if (ends) break;
    }
    this.#final.set(name, ends);
    return ends;
  }

  /** Rules as they are asked from a chain on. `all`: also those of chains that only some packets are sent to. */
  *rulesFrom(chain: Chain, all: boolean, left = { rules: MOST }): Generator<Rule> {
    for (const rule of chain.rules) {
      if (left.rules-- <= 0) return;
      yield rule;
      const { target } = rule;
      if (target?.name !== "jump" || !(all || isUnconditional(rule))) continue;
      const next = this.#chains.get(target.chain);
      if (next) yield* this.rulesFrom(next, all, left);
    }
  }
}
