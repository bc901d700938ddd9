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

/** The part of a batch's head that workers count down. */
const PENDING = 0;
const BATCH_HEAD = 64;

/** Outcome bits. */
const DIRECTION = 0x07;
const HAS_REASON = 0x08;
const VERDICT = 0xf0;

/** Bytes of a packet in the columns. */
const COLUMNS = 8 + 3 * 4 + 3;

/**
 * head | times f64 | offsets u32 | lengths u32 | wireLengths u32 | ctStates u8 | outcomes u8 | reasons u8 | packet bytes
 *
 * Workers write side by side into the same cache lines, which then go to and fro between their processors: so what is
 * said of a packet is short, and of reasons, which most packets lack, only those that there are.
 */
export class BatchMemory {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  /** Milliseconds on the caller's clock. */
  readonly times: Float64Array;
  /** Where in `bytes` packets begin. */
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  /** Only where a capture has cut packets: else they are the lengths. */
  readonly wireLengths: Uint32Array;
  readonly ctStates: Uint8Array;
  /** Outcome bits. */
  readonly #outcomes: Uint8Array;
  readonly #reasons: Uint8Array;
  readonly bytes: Uint8Array;
  readonly #head: Int32Array;

  constructor(buffer: SharedArrayBuffer, capacity: number) {
    this.buffer = buffer;
    this.capacity = capacity;
    this.#head = new Int32Array(buffer, 0, BATCH_HEAD / 4);
    const column = (i: number) => BATCH_HEAD + capacity * (8 + 4 * i);
    this.times = new Float64Array(buffer, BATCH_HEAD, capacity);
    this.offsets = new Uint32Array(buffer, column(0), capacity);
    this.lengths = new Uint32Array(buffer, column(1), capacity);
    this.wireLengths = new Uint32Array(buffer, column(2), capacity);
    this.ctStates = new Uint8Array(buffer, column(3), capacity);
    this.#outcomes = new Uint8Array(buffer, column(3) + capacity, capacity);
    this.#reasons = new Uint8Array(buffer, column(3) + 2 * capacity, capacity);
    this.bytes = new Uint8Array(buffer, (column(3) + 3 * capacity + 7) & ~7);
  }

  /** Memory for so many packets of so many bytes in all. @throws ConntrackError CT_ENGINE */
  static create(capacity: number, bytes: number): BatchMemory {
    return new BatchMemory(shared(BATCH_HEAD + capacity * COLUMNS + 7 + bytes), capacity);
  }

  /** Says which packets are to be tracked, by so many workers, and whether some have been cut. */
  handOut(first: number, end: number, cut: boolean, workers: number): void {
    this.#head[1] = first;
    this.#head[2] = end;
    this.#head[3] = Number(cut);
    Atomics.store(this.#head, PENDING, workers);
  }

  get first(): number {
    return this.#head[1] ?? 0;
  }

  get end(): number {
    return this.#head[2] ?? 0;
  }

  get cut(): boolean {
    return this.#head[3] !== 0;
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

function shared(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch {
    throw new ConntrackError("CT_ENGINE", `no shared memory of ${bytes} bytes`);
  }
}
