import { FRAME_BYTES, type FramePool, SLOT_BYTES } from "./workload.js";

export const RING_SLOTS = 256;

/** A packet every microsecond. */
export const MS_PER_PACKET = 0.001;

/**
 * Where frames arrive, as in the receive ring of a device: one buffer, a slot a frame, views made once. Loading it
 * is one block copy (a nanosecond or two a frame), the same for every contestant, so that none is charged for
 * building frames and all of them find the frames in the cache, as after a read from a device or a file.
 */
export class Ring {
  readonly bytes = new Uint8Array(RING_SLOTS * SLOT_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  readonly frames: readonly Uint8Array[];
  readonly offsets = new Uint32Array(RING_SLOTS);
  readonly lengths = new Uint32Array(RING_SLOTS).fill(FRAME_BYTES);
  readonly times = new Float64Array(RING_SLOTS);
  /** Frames in the ring now. */
  count = 0;

  constructor() {
    const frames: Uint8Array[] = [];
    for (let slot = 0; slot < RING_SLOTS; slot++) {
      this.offsets[slot] = slot * SLOT_BYTES;
      frames.push(this.bytes.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + FRAME_BYTES));
    }
    this.frames = frames;
  }

  /** Frames [first, first + count) of the pool arrive, the first one at `time`. */
  load(pool: FramePool, first: number, count: number, time: number): void {
    this.bytes.set(pool.bytes.subarray(first * SLOT_BYTES, (first + count) * SLOT_BYTES));
    const { times } = this;
    for (let i = 0; i < count; i++) times[i] = time + i * MS_PER_PACKET;
    this.count = count;
  }
}
