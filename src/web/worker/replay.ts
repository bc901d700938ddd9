/** An engine, and the place in a capture up to which it has tracked. */
import { type Batch, Conntrack, ConntrackError, type LinkType } from "../../index.js";
import { type CapturedPackets, isKnownLinkType, readCaptureChunks } from "../../pcap/index.js";
import type { Settings } from "../model.js";
import { type Capture, piecesOf } from "./capture.js";
import { Turn } from "./turn.js";

const BATCH = 256;
const BATCH_BYTES = 1 << 20;
/** Any will do, as long as it is the same each time: then each replay gives a flow the same id. */
const SEED = new Uint8Array(16);

/** Packets first to first + count - 1 of `packets`, tracked: packet i of the batch is packet first + i. */
export type Visit = (batch: Batch, packets: CapturedPackets, first: number, count: number) => void;
/** Whether a batch has to end in front of packet i. */
export type CutBefore = (packets: CapturedPackets, i: number) => boolean;

export interface ReplayStep {
  readonly signal: AbortSignal;
  readonly visit?: Visit;
  readonly cutBefore?: CutBefore;
  /** Share of the capture that has been read, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export class Replay {
  readonly conntrack: Conntrack;
  /** Packets tracked. */
  packets = 0;
  /** Of the first and the last of them. */
  firstTime: number | undefined;
  lastTime: number | undefined;
  /** What is wrong with the capture behind its last packet. */
  error: Error | undefined;
  readonly #capture: Capture;
  readonly #chunks: AsyncGenerator<CapturedPackets, void, undefined>;
  readonly #batches = new Map<number, Batch>();
  #chunk: CapturedPackets | undefined;
  #next = 0;
  #ended = false;
  #read = 0;

  private constructor(conntrack: Conntrack, capture: Capture) {
    this.conntrack = conntrack;
    this.#capture = capture;
    this.#chunks = readCaptureChunks(
      piecesOf(capture, (bytes) => {
        this.#read = bytes;
      }),
    );
  }

  /** @throws ConntrackError for settings that do not exist or are out of range */
  static async begin(capture: Capture, { sysctl, helpers }: Settings): Promise<Replay> {
    const conntrack = await Conntrack.create({ sysctl, hashSeed: SEED, eventCapacity: 0 });
    for (const name of helpers) conntrack.addHelper({ name });
    return new Replay(conntrack, capture);
  }

  /** Tracks on, up to the first packet that is later than `time`. */
  async to(time: number, step: ReplayStep): Promise<void> {
    const turn = new Turn();
    while (await this.#fill()) {
      const chunk = this.#chunk as CapturedPackets;
      while (this.#next < chunk.count) {
        if ((chunk.times[this.#next] as number) > time) return;
        this.#track(chunk, time, step);
      }
      if (turn.due) {
        step.onProgress?.(this.#capture.blob.size ? this.#read / this.#capture.blob.size : 1);
        await turn.pass(step.signal);
      }
    }
  }

  /** When the next packet comes; undefined behind the last one. */
  async nextTime(): Promise<number | undefined> {
    return (await this.#fill()) ? this.#chunk?.times[this.#next] : undefined;
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#chunks.return();
  }

  /** Whether there is a packet to track. */
  async #fill(): Promise<boolean> {
    while (!this.#ended && (!this.#chunk || this.#next >= this.#chunk.count)) {
      try {
        const { done, value } = await this.#chunks.next();
        if (done) this.#ended = true;
        else this.#chunk = value;
        this.#next = 0;
      } catch (error) {
        this.error = error as Error;
        this.#ended = true;
      }
    }
    return !this.#ended;
  }

  #track(chunk: CapturedPackets, time: number, { visit, cutBefore }: ReplayStep): void {
    const first = this.#next;
    const link = chunk.linkTypes[first] as number;
    const last = Math.min(chunk.count, first + BATCH);
    let end = first + 1;
    while (
      end < last &&
      chunk.linkTypes[end] === link &&
      (chunk.times[end] as number) <= time &&
      !cutBefore?.(chunk, end)
    ) {
      end++;
    }
    const batch = this.#batchFor(link);
    if (!batch) return;
    batch.clear();
    const count = batch.pushAll(chunk, first, end) || pushBeginning(batch, chunk, first);
    this.conntrack.trackBatch(batch);
    this.firstTime ??= chunk.times[first];
    this.lastTime = chunk.times[first + count - 1];
    visit?.(batch, chunk, first, count);
    this.packets += count;
    this.#next = first + count;
  }

  #batchFor(link: number): Batch | undefined {
    let batch = this.#batches.get(link);
    if (!batch) {
      if (!isKnownLinkType(link)) {
        this.error = new ConntrackError("CT_BAD_CAPTURE", `link type ${link} is not supported`);
        this.#ended = true;
        this.#next = this.#chunk?.count ?? 0;
        return undefined;
      }
      batch = this.conntrack.createBatch(BATCH, { link: link as LinkType, bytes: BATCH_BYTES });
      this.#batches.set(link, batch);
    }
    return batch;
  }
}

/** A packet longer than a batch: what could matter to tracking is at its beginning. */
function pushBeginning(batch: Batch, { bytes, offsets, wireLengths, times }: CapturedPackets, i: number): 1 {
  const offset = offsets[i] ?? 0;
  batch.push(bytes.subarray(offset, offset + BATCH_BYTES / 2), times[i] ?? 0, wireLengths[i]);
  return 1;
}
