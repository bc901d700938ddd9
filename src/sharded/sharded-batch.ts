/** Packets for several engines at once, and what has become of them, in memory that all threads share. */
import { LinkType } from "../../assembly/shared/link-type.js";
import type { Batch } from "../batch.js";
import { type BatchOptions, batchBytes } from "../batch-options.js";
import { ConntrackError } from "../errors.js";
import { beginningOf, type PacketArray, WORD_BYTES } from "../packet-array.js";
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
import type { Dealer } from "./dealer.js";
import { BatchMemory } from "./shared-memory.js";

const hasFlow = (state: CtStateName) => state !== "INVALID" && state !== "UNTRACKED";

/** What ShardedConntrack does with a batch. */
export interface BatchInternals {
  readonly memory: BatchMemory;
  /** Deals out what has been pushed and not been tracked yet. @throws ConntrackError CT_BAD_OPTION */
  begin(): void;
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
  readonly #dealer: Dealer;
  /** Packets that have not been dealt out yet. */
  readonly #waiting: Batch;
  readonly #memory: BatchMemory;
  /** What has become of the packets: see Hand.outcomes; ct states once more by themselves. */
  readonly #outcomes: Uint32Array;
  readonly #ctStates: Uint8Array;
  /** Bytes in all, and how many have been taken. */
  readonly #room: number;
  #taken = 0;
  #length = 0;
  /** How many have been dealt out, and the latest time of those that are to be tracked next. */
  #dealt = 0;
  #latest = Number.NaN;
  #tracked = 0;
  #busy = false;
  #released = false;

  /** Use ShardedConntrack.createBatch(). */
  constructor(dealer: Dealer, capacity: number, options: BatchOptions = {}) {
    this.#room = batchBytes(capacity, options);
    this.#memory = BatchMemory.create(dealer.dealtBytes(capacity, this.#room));
    this.#waiting = dealer.createBatch(capacity, this.#room, options.link ?? LinkType.RAW);
    this.#outcomes = new Uint32Array(capacity);
    this.#ctStates = new Uint8Array(capacity);
    this.#dealer = dealer;
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
    const isFull = this.#length === this.capacity || this.#room - this.#taken < packet.length;
    if (this.#released || isFull) return false;
    if (!this.#waiting.push(packet, time, wireLength)) {
      this.#dealOut();
      const one = { bytes: packet, count: 1, offsets: [0], lengths: [packet.length], times: [time] };
      this.#waiting.pushAll({ ...one, wireLengths: [wireLength] });
    }
    this.#take(1, packet.length);
    return true;
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
    const { bytes, offsets, lengths } = packets;
    const base = offsets[first] ?? 0;
    const room = this.#room - this.#taken + base;
    // Words that are not whole have taken more than there was.
    if (room < 0) return 0;
    const fitting = room < bytes.length ? { ...packets, bytes: bytes.subarray(0, room) } : packets;
    let next = first;
    let after = base;
    while (next < last && (offsets[next] as number) >= after) {
      const added = this.#waiting.pushAll(fitting, next, last);
      if (added > 0) {
        next += added;
        after = (offsets[next - 1] as number) + (lengths[next - 1] as number);
      } else if (this.#waiting.length > 0) this.#dealOut();
      else break;
    }
    if (next === first) return this.#length === 0 ? this.#pushBeginning(packets, first) : 0;
    this.#take(next - first, ((bytes.byteOffset + base) % WORD_BYTES) + after - base);
    return next - first;
  }

  /** Returns how many packets were added. */
  #pushBeginning(packets: PacketArray, i: number): number {
    const cut = beginningOf(packets, i, this.#room);
    return Number(cut !== undefined && this.push(cut.packet, cut.time, cut.wireLength));
  }

  #take(packets: number, bytes: number): void {
    this.#length += packets;
    this.#taken += Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;
  }

  #dealOut(): void {
    const { length } = this.#waiting;
    if (length === 0) return;
    this.#latest = this.#dealer.deal(this.#waiting, this.#dealt, this.#latest, this.#memory);
    this.#dealt += length;
  }

  /** @throws ConntrackError CT_BAD_OPTION while the batch is tracked */
  clear(): void {
    this.#checkIdle();
    this.#waiting.clear();
    this.#takeBack();
    this.#taken = 0;
    this.#length = 0;
    this.#dealt = 0;
    this.#tracked = 0;
  }

  /** The ct states of all packets tracked so far, as numbers: those of the enum CtState. */
  get ctStates(): Uint8Array {
    return this.#ctStates.subarray(0, this.#tracked);
  }
  /** What a rule's `--ctstate` would see of packet i. */
  ctState(i: number): CtStateName {
    this.#checkTracked(i);
    return CT_STATES[this.#ctStates[i] as number] as CtStateName;
  }
  direction(i: number): DirectionName | undefined {
    return hasFlow(this.ctState(i)) ? DIRECTIONS[this.#outcomeByte(i, 1)] : undefined;
  }
  verdict(i: number): VerdictName {
    return VERDICTS[this.#outcomeByte(i, 2)] as VerdictName;
  }
  reason(i: number): ReasonCode | undefined {
    return reasonCode(this.#outcomeByte(i, 3));
  }

  #internals(): BatchInternals {
    return {
      memory: this.#memory,
      begin: () => {
        this.#checkIdle();
        this.#busy = true;
        this.#dealOut();
        this.#memory.handOut(this.#dealer.parts);
      },
      end: (tracked) => {
        this.#busy = false;
        if (tracked) this.#settle();
        this.#takeBack();
      },
      release: () => {
        this.clear();
        this.#waiting.release();
        this.#released = true;
      },
    };
  }

  /** Takes outcomes to the places of their packets: each shard has left its own side by side, so that no two write to one line. */
  #settle(): void {
    for (const { count, numbers, outcomes } of this.#dealer.hands(this.#memory)) {
      for (let i = 0; i < count; i++) {
        const number = numbers[i] as number;
        const outcome = outcomes[i] as number;
        this.#outcomes[number] = outcome;
        this.#ctStates[number] = outcome;
      }
    }
    this.#tracked = this.#length;
  }

  #outcomeByte(i: number, byte: number): number {
    this.#checkTracked(i);
    return ((this.#outcomes[i] as number) >>> (8 * byte)) & 0xff;
  }

  /** Forgets what has been dealt out. */
  #takeBack(): void {
    this.#memory.dealt = 0;
    this.#latest = Number.NaN;
  }

  #checkTracked(i: number): void {
    if (i >= 0 && i < this.#tracked) return;
    throw new ConntrackError("CT_BAD_OPTION", `packet ${i} of the batch has not been tracked`);
  }

  #checkIdle(): void {
    if (this.#busy) throw new ConntrackError("CT_BAD_OPTION", "the batch is being tracked");
  }
}
