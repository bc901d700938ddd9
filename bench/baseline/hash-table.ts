/**
 * A hash of one's own in front of a Map: one small integer for a key, and the tuples compared by hand. Flows that
 * share a hash are rare, and form a list: unless somebody who knows the hash sends packets that all share one.
 */

import { Flow } from "./flow.js";
import type { FlowTable } from "./flow-table.js";

const SEED = 0x5bd1e995;

function hashOf(low: number, high: number, ports: number): number {
  let hash = Math.imul(low ^ SEED, 0xcc9e2d51);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ high;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) ^ ports;
  hash = Math.imul(hash ^ (hash >>> 16), 0x27d4eb2f);
  return hash ^ (hash >>> 15);
}

function has(flow: Flow, low: number, high: number, ports: number): boolean {
  return flow.low === low && flow.high === high && flow.ports === ports;
}

export class HashTable implements FlowTable {
  readonly #found = new Map<number, Flow | readonly Flow[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(low: number, high: number, ports: number): Flow | undefined {
    const found = this.#found.get(hashOf(low, high, ports));
    if (found === undefined) return undefined;
    if (found instanceof Flow) return has(found, low, high, ports) ? found : undefined;
    return found.find((flow) => has(flow, low, high, ports));
  }

  insert(flow: Flow): void {
    const hash = hashOf(flow.low, flow.high, flow.ports);
    const found = this.#found.get(hash);
    if (found === undefined) this.#found.set(hash, flow);
    else this.#found.set(hash, found instanceof Flow ? [found, flow] : [...found, flow]);
    this.#size++;
  }

  remove(flow: Flow): void {
    const hash = hashOf(flow.low, flow.high, flow.ports);
    const found = this.#found.get(hash)!;
    this.#size--;
    if (found instanceof Flow) {
      this.#found.delete(hash);
      return;
    }
    const left = found.filter((one) => one !== flow);
    this.#found.set(hash, left.length === 1 ? left[0]! : left);
  }

  *flows(): Generator<Flow, undefined> {
    for (const found of this.#found.values()) {
      if (found instanceof Flow) yield found;
      else yield* found;
    }
  }
}
