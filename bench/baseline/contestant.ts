import type { Contestant } from "../contestant.js";
import { heapBytes } from "../garbage.js";
import { RING_SLOTS, type Ring } from "../ring.js";
import type { FlowTable } from "./flow-table.js";
import { CT_ESTABLISHED, MapTracker } from "./map-tracker.js";

/** How many flows a call may look at for expired ones, beside its packets. */
const SWEEP_SLICE = 256;

export class JsTracker implements Contestant {
  readonly judges = true;
  readonly tracker: MapTracker;
  readonly #states = new Uint8Array(RING_SLOTS);
  readonly #heapBefore = heapBytes();

  constructor(
    readonly name: "jsMap" | "jsHash",
    table: FlowTable,
  ) {
    this.tracker = new MapTracker(table);
  }

  trackBatch(ring: Ring): number {
    const states = this.#states;
    const { count } = ring;
    this.tracker.trackBatch(ring.view, ring.offsets, ring.lengths, ring.times, count, states);
    let established = 0;
    for (let i = 0; i < count; i++) if (states[i] === CT_ESTABLISHED) established++;
    return established;
  }

  trackAndSweep(ring: Ring): number {
    const established = this.trackBatch(ring);
    this.tracker.expireSlice(ring.times[0]!, SWEEP_SLICE);
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

  flowCount(): number {
    return this.tracker.size;
  }

  timeWaitCount(): number {
    return this.tracker.timeWaitCount();
  }

  tableBytes(): number {
    return heapBytes() - this.#heapBefore;
  }
}
