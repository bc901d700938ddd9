/** An engine, and the place in a capture up to which it has tracked. */
import {
  type Batch,
  Conntrack,
  ConntrackError,
  Firewall,
  type LinkType,
  type TrackResult,
} from "../../index.js";
import { dissect } from "../../packet/index.js";
import { type CapturedPackets, isKnownLinkType, readCaptureChunks } from "../../pcap/index.js";
import type { Settings } from "../model.js";
import { type Capture, piecesOf } from "./capture.js";
import { type Arrival, LOCAL, Machine } from "./machine.js";
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
  /** Told of each batch's first packet before the batch is put together. */
  readonly ahead?: (packets: CapturedPackets, first: number) => void;
  readonly visit?: Visit;
  readonly cutBefore?: CutBefore;
  /** Share of the capture that has been read, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export class Replay {
  readonly conntrack: Conntrack;
  /** With rules: what applies them. */
  readonly firewall: Firewall | undefined;
  /** Packets tracked. */
  packets = 0;
  /** Of the first and the last of them. */
  firstTime: number | undefined;
  lastTime: number | undefined;
  /** What is wrong with the capture behind its last packet. */
  error: Error | undefined;
  readonly #capture: Capture;
  readonly #chunks: AsyncGenerator<CapturedPackets, void, undefined>;
  readonly #machine: Machine | undefined;
  /** By link type and arrival. */
  readonly #batches = new Map<string, Batch>();
  #chunk: CapturedPackets | undefined;
  #next = 0;
  #ended = false;
  #read = 0;

  private constructor(conntrack: Conntrack, capture: Capture, firewall?: Firewall, machine?: Machine) {
    this.conntrack = conntrack;
    this.firewall = firewall;
    this.#machine = machine;
    this.#capture = capture;
    this.#chunks = readCaptureChunks(
      piecesOf(capture, (bytes) => {
        this.#read = bytes;
      }),
    );
  }

  /** @throws ConntrackError for settings that do not exist or are out of range, and for rules that are wrong */
  static async begin(capture: Capture, { sysctl, helpers, rules }: Settings): Promise<Replay> {
    const options = { sysctl, hashSeed: SEED, eventCapacity: 0 };
    if (!rules) {
      const conntrack = await Conntrack.create(options);
      for (const name of helpers) conntrack.addHelper({ name });
      return new Replay(conntrack, capture);
    }
    const machine = new Machine(rules.devices);
    const texts = {
      ...(rules.ipv4.trim() ? { ipv4: rules.ipv4 } : {}),
      ...(rules.ipv6.trim() ? { ipv6: rules.ipv6 } : {}),
    };
    const firewall = await Firewall.fromIptablesSave(texts, { ...options, ...machine.options });
    for (const name of helpers) firewall.conntrack.addHelper({ name });
    return new Replay(firewall.conntrack, capture, firewall, machine);
  }

  /** Everything about packet i of a batch; `bytes`: the packet. */
  resultOf(batch: Batch, i: number, bytes: Uint8Array): TrackResult {
    return this.firewall ? this.firewall.result(batch, i) : batch.resultOf(i, bytes);
  }

  /** Tracks on, up to the first packet that is later than `time`. */
  async to(time: number, step: ReplayStep, inclusive = true): Promise<void> {
    const turn = new Turn();
    while (await this.#fill()) {
      const chunk = this.#chunk as CapturedPackets;
      while (this.#next < chunk.count) {
        if (!reaches(chunk, this.#next, time, inclusive)) return;
        this.#track(chunk, time, inclusive, step);
      }
      if (turn.due) {
        step.onProgress?.(this.#capture.blob.size ? this.#read / this.#capture.blob.size : 1);
        await turn.pass(step.signal);
      }
    }
  }

  /** Tracks all packets in front of the first one that is not earlier than `time`. */
  before(time: number, step: ReplayStep): Promise<void> {
    return this.to(time, step, false);
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

  #track(
    chunk: CapturedPackets,
    time: number,
    inclusive: boolean,
    { ahead, visit, cutBefore }: ReplayStep,
  ): void {
    const first = this.#next;
    ahead?.(chunk, first);
    const link = chunk.linkTypes[first] as number;
    const arrival = this.#arrivalOf(chunk, first);
    const last = Math.min(chunk.count, first + BATCH);
    let end = first + 1;
    while (
      end < last &&
      chunk.linkTypes[end] === link &&
      reaches(chunk, end, time, inclusive) &&
      this.#arrivalOf(chunk, end) === arrival &&
      !cutBefore?.(chunk, end)
    ) {
      end++;
    }
    const batch = this.#batchFor(link, arrival);
    if (!batch) return;
    batch.clear();
    const count = batch.pushAll(chunk, first, end);
    if (this.firewall) this.firewall.processBatch(batch);
    else this.conntrack.trackBatch(batch);
    this.firstTime ??= chunk.times[first];
    this.lastTime = chunk.times[first + count - 1];
    visit?.(batch, chunk, first, count);
    this.packets += count;
    this.#next = first + count;
  }

  /** A batch's packets all enter in the same way. */
  #arrivalOf({ bytes, offsets, lengths, linkTypes }: CapturedPackets, i: number): Arrival {
    if (!this.#machine) return 0;
    const at = offsets[i] as number;
    const packet = dissect(bytes.subarray(at, at + (lengths[i] as number)), linkTypes[i] as LinkType);
    return packet ? this.#machine.arrivalOf(packet.src) : 0;
  }

  #batchFor(link: number, arrival: Arrival): Batch | undefined {
    const key = `${link} ${arrival}`;
    let batch = this.#batches.get(key);
    if (!batch) {
      if (!isKnownLinkType(link)) {
        this.error = new ConntrackError("CT_BAD_CAPTURE", `link type ${link} is not supported`);
        this.#ended = true;
        this.#next = this.#chunk?.count ?? 0;
        return undefined;
      }
      batch = this.#newBatch(link, arrival);
      this.#batches.set(key, batch);
    }
    return batch;
  }

  #newBatch(link: LinkType, arrival: Arrival): Batch {
    const options = { link, bytes: BATCH_BYTES };
    if (!this.firewall) return this.conntrack.createBatch(BATCH, options);
    if (arrival === LOCAL) return this.firewall.createBatch(BATCH, { ...options, local: true });
    const device = this.#machine?.devices[arrival] as string;
    return this.firewall.createBatch(BATCH, { ...options, in: device });
  }
}

/** Whether packet i is to be tracked on the way to `time`. */
function reaches({ times }: CapturedPackets, i: number, time: number, inclusive: boolean): boolean {
  const own = times[i] as number;
  return own < time || (inclusive && own === time);
}
