/**
 * What the main thread and the workers see of each other: batches, and a ring that says in which order they and calls
 * come. Everything in it is written by one side at a time: who hands it over does so with Atomics.
 */
import { ConntrackError } from "../errors.js";

/** Places in the ring. */
export const RING_ENTRIES = 1024;
/** An entry that is no batch: the next message is a call. */
export const CALL = -1;

/** Words of the ring's head: how many entries have been written; whether a message is under way that tells of batches. */
const WRITTEN = 0;
const TOLD = 1;
const HEAD_WORDS = 16;

/** Batches and calls in the order in which every worker works through them. */
export class Ring {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  #read = 0;

  constructor(buffer: SharedArrayBuffer = shared(4 * (HEAD_WORDS + RING_ENTRIES))) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** There must be room: as many entries may wait as there are places. */
  write(entry: number): void {
    const words = this.#words;
    const written = words[WRITTEN] ?? 0;
    words[placeOf(written)] = entry;
    Atomics.store(words, WRITTEN, (written + 1) | 0);
    Atomics.notify(words, WRITTEN);
  }

  /** The next entry; sleeps until there is one. */
  read(): number {
    const words = this.#words;
    while (Atomics.load(words, WRITTEN) === this.#read) Atomics.wait(words, WRITTEN, this.#read);
    const entry = words[placeOf(this.#read)] ?? CALL;
    this.#read = (this.#read + 1) | 0;
    return entry;
  }

  /** True when the main thread has to be told: one message tells of all batches that are done until it is read. */
  tell(): boolean {
    return Atomics.exchange(this.#words, TOLD, 1) === 0;
  }

  /** The message has been read. */
  listen(): void {
    Atomics.store(this.#words, TOLD, 0);
  }
}

const placeOf = (entry: number) => HEAD_WORDS + (entry & (RING_ENTRIES - 1));

/** Words of a batch's head: how many workers have not tracked their packets yet; bytes of deals. */
const PENDING = 0;
const DEALT = 1;
const BATCH_HEAD = 64;

/** Outcome bits. */
const DIRECTION = 0x07;
const HAS_REASON = 0x08;
const VERDICT = 0xf0;

/** Bytes of a packet's outcome. */
const COLUMNS = 3;

/**
 * head | ctStates u8 | outcomes u8 | reasons u8 | deals: packets, as assembly/deal.ts has them
 *
 * Workers write side by side into the same cache lines, which then go to and fro between their processors: so what is
 * said of a packet is short, and of reasons, which most packets lack, only those that there are.
 */
export class BatchMemory {
  readonly buffer: SharedArrayBuffer;
  readonly ctStates: Uint8Array;
  /** Outcome bits. */
  readonly #outcomes: Uint8Array;
  readonly #reasons: Uint8Array;
  readonly deals: Uint8Array;
  /** The same in words and in numbers of 64 bits. */
  readonly dealWords: Uint32Array;
  readonly dealTimes: Float64Array;
  readonly #head: Int32Array;

  constructor(buffer: SharedArrayBuffer, capacity: number) {
    this.buffer = buffer;
    this.#head = new Int32Array(buffer, 0, BATCH_HEAD / 4);
    this.ctStates = new Uint8Array(buffer, BATCH_HEAD, capacity);
    this.#outcomes = new Uint8Array(buffer, BATCH_HEAD + capacity, capacity);
    this.#reasons = new Uint8Array(buffer, BATCH_HEAD + 2 * capacity, capacity);
    const deals = headBytes(capacity);
    this.deals = new Uint8Array(buffer, deals);
    this.dealWords = new Uint32Array(buffer, deals);
    this.dealTimes = new Float64Array(buffer, deals);
  }

  /** Memory for so many packets, and so many bytes of deals. @throws ConntrackError CT_ENGINE */
  static create(capacity: number, bytes: number): BatchMemory {
    return new BatchMemory(shared(headBytes(capacity) + ((bytes + 7) & ~7)), capacity);
  }

  /** Bytes of deals that are to be tracked. */
  get dealt(): number {
    return this.#head[DEALT] ?? 0;
  }

  set dealt(bytes: number) {
    this.#head[DEALT] = bytes;
  }

  /** To be worked through by so many workers. */
  handOut(workers: number): void {
    Atomics.store(this.#head, PENDING, workers);
  }

  /** What has become of packet i, as an engine's row has it: from the lowest byte on ct state, direction, verdict, reason. */
  settle(i: number, outcome: number): void {
    const reason = outcome >>> 24;
    this.ctStates[i] = outcome;
    this.#outcomes[i] =
      ((outcome >>> 8) & DIRECTION) | ((outcome >>> 12) & VERDICT) | (reason ? HAS_REASON : 0);
    if (reason) this.#reasons[i] = reason;
  }

  direction(i: number): number {
    return (this.#outcomes[i] ?? 0) & DIRECTION;
  }

  verdict(i: number): number {
    return ((this.#outcomes[i] ?? 0) & VERDICT) >>> 4;
  }

  /** 0: there is none. */
  reason(i: number): number {
    return (this.#outcomes[i] ?? 0) & HAS_REASON ? (this.#reasons[i] ?? 0) : 0;
  }

  /** A worker has tracked its share; true for the last one. */
  finish(): boolean {
    return Atomics.sub(this.#head, PENDING, 1) === 1;
  }

  get done(): boolean {
    return Atomics.load(this.#head, PENDING) === 0;
  }
}

const headBytes = (capacity: number) => (BATCH_HEAD + capacity * COLUMNS + 7) & ~7;

function shared(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch {
    throw new ConntrackError("CT_ENGINE", `no shared memory of ${bytes} bytes`);
  }
}
