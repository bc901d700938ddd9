/** Rules that may cover later ones, found by address or port: chains of thousands of rules are usual. */
import type { Inverted, Network, Rule } from "../rules/index.js";
import { conditionsOf, covers, onlyPort } from "./covers.js";

export interface WideRule {
  readonly rule: Rule;
  /** In its chain, from 0. */
  readonly at: number;
}

/** Rules without an address or a port of their own: further ones are not compared with, or it would take minutes. */
const MOST_OTHERS = 1000;

export class WideRules {
  /** By mask, then by address. */
  readonly #sources = new Map<string, Map<string, WideRule[]>>();
  readonly #destinations = new Map<string, Map<string, WideRule[]>>();
  readonly #ports = new Map<number, WideRule[]>();
  readonly #others: WideRule[] = [];

  add(wide: WideRule): void {
    const { source, destination } = wide.rule;
    const port = portOf(wide.rule);
    if (source && !source.invert) put(this.#sources, source, wide);
    else if (destination && !destination.invert) put(this.#destinations, destination, wide);
    else if (port !== undefined) push(this.#ports, port, wide);
    else if (this.#others.length < MOST_OTHERS) this.#others.push(wide);
  }

  /** The first that covers the rule and can be relied on. */
  find(narrow: Rule, isReliable: (wide: WideRule) => boolean): WideRule | undefined {
    const port = portOf(narrow);
    return [
      ...at(this.#sources, narrow.source),
      ...at(this.#destinations, narrow.destination),
      ...(port === undefined ? [] : (this.#ports.get(port) ?? [])),
      ...this.#others,
    ]
      .filter((wide) => covers(wide.rule, narrow) && isReliable(wide))
      .sort((a, b) => a.at - b.at)[0];
  }
}

function portOf(rule: Rule): number | undefined {
  return conditionsOf(rule)
    .map(onlyPort)
    .find((port) => port !== undefined);
}

function put(index: Map<string, Map<string, WideRule[]>>, { address, mask }: Network, wide: WideRule): void {
  const key = mask.join();
  const networks = index.get(key) ?? new Map<string, WideRule[]>();
  index.set(key, networks);
  push(networks, address.join(), wide);
}

function push<Key>(index: Map<Key, WideRule[]>, key: Key, wide: WideRule): void {
  const there = index.get(key);
  if (there) there.push(wide);
  else index.set(key, [wide]);
}

/** Those of all networks that a network lies in. */
function at(
  index: ReadonlyMap<string, ReadonlyMap<string, WideRule[]>>,
  network: Inverted<Network> | undefined,
): WideRule[] {
  if (!network || network.invert) return [];
  return [...index].flatMap(([key, networks]) => {
    const mask = key.split(",").map(Number);
    return networks.get(network.address.map((byte, i) => byte & (mask[i] ?? 0)).join()) ?? [];
  });
}
