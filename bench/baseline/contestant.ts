import type { Contestant } from "../contestant.js";
import { RING_SLOTS, type Ring } from "../ring.js";
import { CT_ESTABLISHED, MapTracker } from "./map-tracker.js";

/** Flows that a call may visit to look for expired ones, beside its packets. */
const SWEEP_SLICE = 256;

export class JsMap implements Contestant {
  readonly name = "jsMap";
  readonly judges = true;
  readonly tracker = new MapTracker(0x5bd1e995);
  readonly #states = new Uint8Array(RING_SLOTS);
  readonly #collect: () => void;
  readonly #heapBefore: number;

  constructor(collectGarbage: () => void) {
    this.#collect = collectGarbage;
    this.#heapBefore = this.#heap();
  }

  trackBatch(ring: Ring): number {
    const states = this.#states;
    const { count } = ring;
    this.tracker.trackBatch(ring.view, ring.offsets, ring.lengths, ring.times, count, states);
    let established = 0;
    for (let i = 0; i < count; i++) if (states[i] === CT_ESTABLISHED) established++;
    return established;
  }

  trackEach(ring: Ring): number {
    const { view, offsets, lengths, times, count } = ring;
    const { tracker } = this;
    let established = 0;
    for (let i = 0; i < count; i++) {
      if (tracker.track(view, offsets[i]!, lengths[i]!, times[i]!) === CT_ESTABLISHED) established++;
    }
    return established;
  }

  verifyChecksums(on: boolean): void {
    this.tracker.verifyChecksums = on;
  }

  expire(time: number): void {
    this.tracker.expire(time);
  }

  sweepSlice(time: number): void {
    this.tracker.expire(time, SWEEP_SLICE);
  }

  flowCount(): number {
    return this.tracker.size;
  }

  timeWaitCount(): number {
    return this.tracker.timeWaitCount();
  }

  tableBytes(): number {
    return this.#heap() - this.#heapBefore;
  }

  #heap(): number {
    this.#collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  }
}
