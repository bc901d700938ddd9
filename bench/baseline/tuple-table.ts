/**
 * Maps in Maps, the tuple itself for a key: its 96 bits make three integers of 32, the fastest keys that a Map has
 * (doubles, BigInts and strings are objects, and are hashed and compared out of line).
 *
 * How the bits are dealt out decides how many Maps there are, and with many of them every level is one more cache
 * miss. Here the low endpoint, usually the server, goes in front, and with it as much of the other address as there
 * is room for; what differs most between connections comes last. So there is a Map for each server, one for each
 * service and /16 of clients, and in those all the flows: few Maps, and large ones.
 */

import type { Flow } from "./flow.js";
import type { FlowTable } from "./flow-table.js";

/** The low port, and the upper half of the high address. */
function middleKey(high: number, ports: number): number {
  return (ports & 0xffff0000) | (high >>> 16);
}

/** The lower half of the high address, and the high port. */
function lastKey(high: number, ports: number): number {
  return (high << 16) | (ports & 0xffff);
}

export class TupleTable implements FlowTable {
  readonly #servers = new Map<number, Map<number, Map<number, Flow>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(low: number, high: number, ports: number): Flow | undefined {
    const services = this.#servers.get(low);
    if (services === undefined) return undefined;
    const flows = services.get(middleKey(high, ports));
    if (flows === undefined) return undefined;
    return flows.get(lastKey(high, ports));
  }

  insert(flow: Flow): void {
    const { low, high, ports } = flow;
    let services = this.#servers.get(low);
    if (services === undefined) {
      services = new Map();
      this.#servers.set(low, services);
    }
    const middle = middleKey(high, ports);
    let flows = services.get(middle);
    if (flows === undefined) {
      flows = new Map();
      services.set(middle, flows);
    }
    flows.set(lastKey(high, ports), flow);
    this.#size++;
  }

  remove(flow: Flow): void {
    const { low, high, ports } = flow;
    const services = this.#servers.get(low)!;
    const middle = middleKey(high, ports);
    const flows = services.get(middle)!;
    flows.delete(lastKey(high, ports));
    this.#size--;
    if (flows.size > 0) return;
    services.delete(middle);
    if (services.size === 0) this.#servers.delete(low);
  }

  *flows(): Generator<Flow, undefined> {
    for (const services of this.#servers.values()) {
      for (const flows of services.values()) {
        for (const flow of flows.values()) yield flow;
      }
    }
  }
}
