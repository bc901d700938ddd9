/** Packets for several engines at once, and what has become of them, in memory that all threads share. */
import { type BatchOptions, batchBytes } from "../batch-options.js";
import { ConntrackError } from "../errors.js";
import { beginningOf, copyColumn, type PacketArray, WORD_BYTES } from "../packet-array.js";
import {
  CT_STATES,
  type CtStateName,
  DIRECTIONS,
  type DirectionName,
  type ReasonCode,
  reasonCode,
  VERDICTS,
  type VerdictName,
} from "../result.js";
import { BatchMemory } from "./shared-memory.js";

const hasFlow = (state: CtStateName) => state !== "INVALID" && state !== "UNTRACKED";

/** What ShardedConntrack does with a batch. */
export interface BatchInternals {
  readonly memory: BatchMemory;
  /** Hands out what has been pushed and not been tracked yet. @throws ConntrackError CT_BAD_OPTION */
  begin(workers: number): void;
  /** `tracked`: all of it has been. */
  end(tracked: boolean): void;
  /** @throws ConntrackError CT_BAD_OPTION */
  release(): void;
}

export let internalsOfBatch: (batch: ShardedBatch) => BatchInternals;

/**
 * A place for up to `capacity` packets and their results. Fill it with push() or pushAll(), hand it to
 * ShardedConntrack.trackBatch(), read the results when that is done, clear() it and start over. While it is tracked it
 * can be neither filled nor cleared: fill another one meanwhile.
 */
export class ShardedBatch {
  static {
    internalsOfBatch = (batch) => batch.#internals();
  }

  readonly capacity: number;
  readonly #memory: BatchMemory;
  readonly #room: number;
  #next = 0;
  #length = 0;
  #tracked = 0;
  /** Some packets have other lengths on the wire. */
  #cut = false;
  #busy = false;
  #released = false;

  /** Use ShardedConntrack.createBatch(). */
  constructor(capacity: number, options: BatchOptions = {}) {
    this.#room = batchBytes(capacity, options);
    this.#memory = BatchMemory.create(capacity, this.#room + WORD_BYTES);
    this.capacity = capacity;
  }

  /** Packets pushed since the last clear(). */
  get length(): number {
    return this.#length;
  }

  /**
   * Copies a packet into the batch.
   * @param time milliseconds on any clock that does not run backwards (if it does, the engines' stands still)
   * @param wireLength bytes the packet had on the wire, when the capture cut it
   * @returns false when the batch is full: nothing was added
   * @throws ConntrackError CT_BAD_OPTION while the batch is tracked
   */
  push(packet: Uint8Array, time: number, wireLength: number = packet.length): boolean {
    this.#checkIdle();
    const isFull = this.#length === this.capacity || this.#room - this.#next < packet.length;
    if (this.#released || isFull) return false;
    const one = { bytes: packet, count: 1, offsets: [0], lengths: [packet.length], times: [time] };
    const cut = wireLength !== packet.length;
    return this.#add(cut ? { ...one, wireLengths: [wireLength] } : one, 0, 1, this.#next) === 1;
  }

  /**
   * Copies packets that lie in one array, with a single copy: as Batch.pushAll().
   * @returns how many were added, from `first` on; fewer than asked for when the batch is full. Of a packet for which
   * no empty batch has room the beginning is added, as if a capture had cut it there.
   * @throws ConntrackError CT_BAD_OPTION while the batch is tracked
   */
  pushAll(packets: PacketArray, first = 0, end: number = packets.count): number {
    this.#checkIdle();
    const last = Math.min(end, first + this.capacity - this.#length);
    if (this.#released || !(first < last)) return 0;
    const shift = (packets.bytes.byteOffset + (packets.offsets[first] ?? 0)) % WORD_BYTES;
    const added = this.#add(packets, first, last, this.#next + shift);
    return added === 0 && this.#length === 0 ? this.#pushBeginning(packets, first) : added;
  }

  /** `to`: where the first packet is copied to. Returns how many were added. */
  #add(packets: PacketArray, first: number, last: number, to: number): number {
    const { bytes } = packets;
    const base = packets.offsets[first] ?? 0;
    const room = Math.min(bytes.length, this.#room - this.#next + base);
    const added = this.#place(packets, first, last, room, to - base);
    if (added === 0) return 0;
    const final = this.#length + added - 1;
    const { offsets, lengths } = this.#memory;
    const after = (offsets[final] as number) + (lengths[final] as number);
    this.#memory.bytes.set(bytes.subarray(base, base + after - to), to);
    this.#next = Math.ceil(after / WORD_BYTES) * WORD_BYTES;
    this.#length += added;
    return added;
  }

  /** Fills the columns; stops before a packet that does not lie behind the one before it, or that has no room. */
  #place(packets: PacketArray, first: number, last: number, room: number, shift: number): number {
    const { offsets, lengths, wireLengths, times } = packets;
    const memory = this.#memory;
    const row = this.#length;
    const places = memory.offsets;
    let copied = 0;
    let end = first;
    for (let to = row; end < last; end++, to++) {
      const offset = offsets[end] as number;
      const after = offset + (lengths[end] as number);
      if (!(offset >= copied && after >= offset && after <= room)) break;
      copied = after;
      places[to] = offset + shift;
    }
    copyColumn(memory.times, row, times, first, end);
    copyColumn(memory.lengths, row, lengths, first, end);
    if (wireLengths && !this.#cut) {
      memory.wireLengths.set(memory.lengths.subarray(0, row));
      this.#cut = true;
    }
    if (this.#cut) copyColumn(memory.wireLengths, row, wireLengths ?? lengths, first, end);
    return end - first;
  }

  /** Returns how many packets were added. */
  #pushBeginning(packets: PacketArray, i: number): number {
    const cut = beginningOf(packets, i, this.#room);
    return Number(cut !== undefined && this.push(cut.packet, cut.time, cut.wireLength));
  }

  /** @throws ConntrackError CT_BAD_OPTION while the batch is tracked */
  clear(): void {
    this.#checkIdle();
    this.#length = 0;
    this.#tracked = 0;
    this.#cut = false;
    this.#next = 0;
  }

  /** The ct states of all packets tracked so far, as numbers: those of the enum CtState. */
  get ctStates(): Uint8Array {
    return this.#memory.ctStates.subarray(0, this.#tracked);
  }
  /** What a rule's `--ctstate` would see of packet i. */
  ctState(i: number): CtStateName {
    this.#checkTracked(i);
    return CT_STATES[this.#memory.ctStates[i] ?? 0] as CtStateName;
  }
  direction(i: number): DirectionName | undefined {
    return hasFlow(this.ctState(i)) ? DIRECTIONS[this.#memory.direction(i)] : undefined;
  }
  verdict(i: number): VerdictName {
    this.#checkTracked(i);
    return VERDICTS[this.#memory.verdict(i)] as VerdictName;
  }
  reason(i: number): ReasonCode | undefined {
    this.#checkTracked(i);
    return reasonCode(this.#memory.reason(i));
  }

  #internals(): BatchInternals {
    return {
      memory: this.#memory,
      begin: (workers) => {
        this.#checkIdle();
        this.#busy = true;
        this.#memory.handOut(this.#tracked, this.#length, this.#cut, workers);
      },
      end: (tracked) => {
        this.#busy = false;
        if (tracked) this.#tracked = this.#length;
      },
      release: () => {
        this.clear();
        this.#released = true;
      },
    };
  }

  #checkTracked(i: number): void {
    if (i >= 0 && i < this.#tracked) return;
    throw new ConntrackError("CT_BAD_OPTION", `packet ${i} of the batch has not been tracked`);
  }

  #checkIdle(): void {
    if (this.#busy) throw new ConntrackError("CT_BAD_OPTION", "the batch is being tracked");
  }
}
