/** Deals packets out to the shards: an engine of the main thread's, which tracks none. */
import { LinkType } from "../../assembly/shared/link-type.js";
import type { Batch } from "../batch.js";
import { Conntrack, internalsOf } from "../conntrack.js";
import type { Engine } from "../engine/engine.js";
import { ConntrackError } from "../errors.js";
import type { FlowTuple } from "../flow.js";
import { ip } from "../packet/ip.js";
import { dealsOf, type Hand, handOf } from "./hand.js";
import type { BatchMemory } from "./shared-memory.js";

export class Dealer {
  readonly parts: number;
  readonly #conntrack: Conntrack;
  readonly #engine: Engine;
  /** Address of the deal that has been made last. */
  readonly #deal: number;

  /** Needs the engine's module to be there. @throws ConntrackError CT_ENGINE */
  constructor(parts: number) {
    this.parts = parts;
    this.#conntrack = Conntrack.createSync({ eventCapacity: 0 });
    this.#engine = internalsOf(this.#conntrack).engine;
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = crypto.getRandomValues(new Uint32Array(4));
    this.#deal = this.#engine.call.openDealer(parts, w0, w1, w2, w3) >>> 0;
    this.#engine.refresh();
    if (!this.#deal) throw new ConntrackError("CT_ENGINE", "no memory to deal out packets");
  }

  /** A place for packets that wait to be dealt out. @throws ConntrackError CT_BAD_OPTION, CT_ENGINE */
  createBatch(capacity: number, bytes: number, link: LinkType): Batch {
    const { DEALT_PACKETS, DEALT_BYTES } = this.#engine.layout;
    return this.#conntrack.createBatch(Math.min(capacity, DEALT_PACKETS), {
      bytes: Math.min(bytes, DEALT_BYTES),
      link,
    });
  }

  /** Room for all deals of so many packets and bytes. */
  dealtBytes(capacity: number, bytes: number): number {
    return this.#engine.call.dealtBytes(capacity, bytes) >>> 0;
  }

  /**
   * Deals out all packets of a batch, to where the deals before end.
   * @param number that of the first packet
   * @param latest the latest time of packets before, NaN for none
   * @returns the latest time of packets now
   */
  deal(batch: Batch, number: number, latest: number, memory: BatchMemory): number {
    batch.deal(number, latest);
    batch.clear();
    const { u8, u32, f64, layout } = this.#engine;
    const bytes = u32[(this.#deal + layout.DEAL_SIZE) >>> 2] as number;
    memory.deals.set(u8.subarray(this.#deal, this.#deal + bytes), memory.dealt);
    memory.dealt += bytes;
    return f64[(this.#deal + layout.DEAL_LATEST) >>> 3] as number;
  }

  /** All that has been dealt out. */
  *hands(memory: BatchMemory): Generator<Hand, void, undefined> {
    const { layout } = this.#engine;
    for (const deal of dealsOf(memory, layout)) {
      for (let part = 0; part < this.parts; part++) yield handOf(memory, layout, deal, part);
    }
  }

  /** The shard that packets between two addresses fall to. @throws ConntrackError CT_BAD_OPTION for bad addresses */
  partOf({ src, dst }: FlowTuple): number {
    const packet = ip({ src, dst, protocol: 255, payload: new Uint8Array(0) });
    const batch = this.createBatch(1, this.#engine.layout.DEALT_BYTES, LinkType.RAW);
    batch.push(packet, 0);
    batch.deal(0, Number.NaN);
    batch.release();
    const { u32, layout } = this.#engine;
    const hand = (part: number) => this.#deal + layout.DEAL_HANDS + part * layout.HAND_SIZE;
    let part = 0;
    while (!u32[(hand(part) + layout.HAND_COUNT) >>> 2]) part++;
    return part;
  }
}
