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

/** head | deals: packets, as assembly/deal.ts has them */
export class BatchMemory {
  readonly buffer: SharedArrayBuffer;
  readonly deals: Uint8Array;
  /** The same in words and in numbers of 64 bits. */
  readonly dealWords: Uint32Array;
  readonly dealTimes: Float64Array;
  readonly #head: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#head = new Int32Array(buffer, 0, BATCH_HEAD / 4);
    this.deals = new Uint8Array(buffer, BATCH_HEAD);
    this.dealWords = new Uint32Array(buffer, BATCH_HEAD);
    this.dealTimes = new Float64Array(buffer, BATCH_HEAD);
  }

  /** Memory for so many bytes of deals. @throws ConntrackError CT_ENGINE */
  static create(bytes: number): BatchMemory {
    return new BatchMemory(shared(BATCH_HEAD + ((bytes + 7) & ~7)));
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
