import { internalsOf } from "../src/conntrack.js";
import { type Batch, Conntrack, CtState, LinkType } from "../src/index.js";
import type { Contestant, ContestantName } from "./contestant.js";
import { RING_SLOTS, type Ring } from "./ring.js";
import { SLOT_BYTES } from "./workload.js";

const LINK = LinkType.ETHERNET;

/** The engine as users drive it: the copy into its memory and the reading of every result included. */
export class Ours implements Contestant {
  readonly name: ContestantName;
  readonly judges = true;
  readonly #conntrack: Conntrack;
  readonly #batch: Batch;
  readonly #bytesBefore: number;

  private constructor(conntrack: Conntrack, name: ContestantName) {
    this.name = name;
    this.#conntrack = conntrack;
    this.#batch = conntrack.createBatch(RING_SLOTS, { link: LINK, bytes: RING_SLOTS * SLOT_BYTES });
    this.#bytesBefore = conntrack.memory().bytes;
  }

  /** `events`: how many there is room for, by default as many as in any Conntrack. */
  static async create(
    mostFlows: number,
    { name = "ours", events }: { readonly name?: ContestantName; readonly events?: number | undefined } = {},
  ): Promise<Ours> {
    const sysctl = { nf_conntrack_max: mostFlows };
    const options = events === undefined ? { sysctl } : { sysctl, eventCapacity: events };
    return new Ours(await Conntrack.create(options), name);
  }

  get conntrack(): Conntrack {
    return this.#conntrack;
  }

  trackBatch(ring: Ring): number {
    const batch = this.#batch;
    const { count } = ring;
    fill(batch, ring);
    this.#conntrack.trackBatch(batch);
    let established = 0;
    const states = batch.ctStates;
    for (let i = 0; i < count; i++) if (states[i] === CtState.ESTABLISHED) established++;
    return established;
  }

  trackEach(ring: Ring): number {
    const conntrack = this.#conntrack;
    const { frames, times, count } = ring;
    let established = 0;
    for (let i = 0; i < count; i++) {
      const result = conntrack.track(frames[i]!, { time: times[i]!, link: LINK });
      if (result.ctState === "ESTABLISHED") established++;
    }
    return established;
  }

  /** The engine sweeps a slice in every call. */
  trackAndSweep(ring: Ring): number {
    return this.trackBatch(ring);
  }

  verifyChecksums(on: boolean): void {
    this.#conntrack.setSysctl("nf_conntrack_checksum", on ? 1 : 0);
  }

  tellEvents(on: boolean): void {
    this.#conntrack.setSysctl("nf_conntrack_events", on ? 1 : 0);
  }

  /** As if somebody had read them. */
  forgetEvents(): void {
    const { call } = internalsOf(this.#conntrack).engine;
    while (call.firstEvent()) call.dropFirstEvent();
    call.takeLostEvents();
  }

  expire(time: number): void {
    this.#conntrack.expire({ time });
  }

  flowCount(): number {
    return this.#conntrack.memory().flows;
  }

  timeWaitCount(): number {
    let count = 0;
    for (const _ of this.#conntrack.flows({ state: "TIME_WAIT" })) count++;
    return count;
  }

  tableBytes(): number {
    return this.#conntrack.memory().bytes - this.#bytesBefore;
  }
}

/** Fills the batch with the ring's frames. The floor is fed in the same way. */
export function fill(batch: Batch, ring: Ring): void {
  batch.clear();
  const added = batch.pushAll(ring);
  if (added !== ring.count) throw new Error(`ours: ${added} packets in the batch, not ${ring.count}`);
}
