/** What rules share by name, and what outlives them as long as the next ones name it, too. */
import type { Engine } from "../engine/engine.js";
import { ConntrackError } from "../errors.js";
import type { HashlimitSettings } from "./encode/context.js";
import type { RuleFamily } from "./ruleset.js";
import type { AddressBytes } from "./values.js";

interface Named {
  readonly address: number;
  readonly destroy: () => void;
}

/** The lists of `recent` and the tables of `hashlimit` in an engine. */
export class NamedMemory {
  readonly #engine: Engine;
  #current = new Map<string, Named>();
  /** Those that the rules being loaded name. */
  #next = new Map<string, Named>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Forgets what the rules that were being loaded have asked for. */
  abandon(): void {
    this.#release(this.#next, this.#current);
    this.#next = new Map();
  }

  /** The rules being loaded are in place: what they do not name is gone. */
  settle(): void {
    this.#release(this.#current, this.#next);
    this.#current = this.#next;
    this.#next = new Map();
  }

  #release(from: Map<string, Named>, kept: Map<string, Named>): void {
    for (const [name, { destroy }] of from) if (!kept.has(name)) destroy();
  }

  recentList(name: string, stamps: number, mask: AddressBytes): number {
    const { call } = this.#engine;
    const bytes = new DataView(Uint8Array.from({ length: 16 }, (_, i) => mask[i] ?? 0).buffer);
    const address = this.#named(
      `recent ${name}`,
      () => call.createRecentList(stamps - 1, bytes.getBigUint64(0, true), bytes.getBigUint64(8, true)),
      (at) => call.destroyRecentList(at),
    );
    call.widenRecentList(address, stamps - 1);
    return address;
  }

  hashlimit(name: string, family: RuleFamily, settings: HashlimitSettings): number {
    const { call } = this.#engine;
    const { mode, max, expire, gcInterval, cost, cap, sourcePrefix, destinationPrefix } = settings;
    return this.#named(
      `hashlimit ${family} ${name}`,
      () => call.createHashlimit(mode, max, expire, gcInterval, cost, cap, sourcePrefix, destinationPrefix),
      (at) => call.destroyHashlimit(at),
    );
  }

  #named(name: string, create: () => number, destroy: (address: number) => void): number {
    const known = this.#next.get(name) ?? this.#current.get(name);
    if (known) {
      this.#next.set(name, known);
      return known.address;
    }
    const address = create() >>> 0;
    this.#engine.refresh();
    if (!address) throw new ConntrackError("CT_ENGINE", `no memory for ${name}`);
    this.#next.set(name, { address, destroy: () => destroy(address) });
    return address;
  }
}
