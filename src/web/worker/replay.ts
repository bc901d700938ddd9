/** An engine, and the place in a capture up to which it has tracked. */
import {
  type Batch,
  type Checkpoint,
  Conntrack,
  ConntrackError,
  Firewall,
  type LinkType,
  type TrackResult,
} from "../../index.js";
import { dissect } from "../../packet/index.js";
import { type CapturedPackets, isKnownLinkType, readCaptureChunks } from "../../pcap/index.js";
import type { Settings } from "../model.js";
import { type Capture, isSeekable, PCAP_HEADER, piecesOf } from "./capture.js";
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
  /** Stops in front of a batch that the moment would cut: then the same batches are tracked, wherever one has stopped. */
  readonly whole?: boolean;
  /** Told whenever mark() can be called. */
  readonly onChunk?: () => void;
  /** Share of the capture that has been read, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/** A place that a replay can go back to. */
export interface Mark {
  readonly checkpoint: Checkpoint;
  /** Packets tracked, and the latest moment of any of them. */
  readonly packets: number;
  readonly latest: number;
  /** Where the chunk of packets begins in the file. */
  readonly offset: number;
  /** The packet within the chunk that comes next. */
  readonly next: number;
  readonly lastTime: number | undefined;
  /** Of its engine. */
  readonly batches: number;
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
  /** The latest of their moments; time may jump back within a capture. */
  latest = Number.NEGATIVE_INFINITY;
  /** What is wrong with the capture behind its last packet. */
  error: Error | undefined;
  readonly #capture: Capture;
  readonly #seekable: boolean;
  #chunks!: AsyncGenerator<CapturedPackets, void, undefined>;
  readonly #machine: Machine | undefined;
  /** By link type and arrival. */
  readonly #batches = new Map<string, Batch>();
  #chunk: CapturedPackets | undefined;
  #next = 0;
  #ended = false;
  #read = 0;
  /** Where the current chunk begins in a file that is seekable, and where it ends. */
  #offset = 0;
  #behind = PCAP_HEADER;
  /** Packets to pass over: they have been tracked. */
  #skip = 0;

  private constructor(
    conntrack: Conntrack,
    capture: Capture,
    seekable: boolean,
    firewall?: Firewall,
    machine?: Machine,
  ) {
    this.conntrack = conntrack;
    this.firewall = firewall;
    this.#machine = machine;
    this.#capture = capture;
    this.#seekable = seekable;
    this.#openAt(0);
  }

  /** @throws ConntrackError for settings that do not exist or are out of range, and for rules that are wrong */
  static async begin(capture: Capture, { sysctl, helpers, rules }: Settings): Promise<Replay> {
    const options = { sysctl, hashSeed: SEED, eventCapacity: 0 };
    const seekable = await isSeekable(capture);
    if (!rules) {
      const conntrack = await Conntrack.create(options);
      for (const name of helpers) conntrack.addHelper({ name });
      return new Replay(conntrack, capture, seekable);
    }
    const machine = new Machine(rules);
    const texts = {
      ...(rules.ipv4.trim() ? { ipv4: rules.ipv4 } : {}),
      ...(rules.ipv6.trim() ? { ipv6: rules.ipv6 } : {}),
    };
    const firewall = await Firewall.fromIptablesSave(texts, {
      ...options,
      ...machine.options,
      ipset: rules.ipset,
    });
    for (const name of helpers) firewall.conntrack.addHelper({ name });
    return new Replay(firewall.conntrack, capture, seekable, firewall, machine);
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
        if (this.#next === 0) step.onChunk?.();
        if (!this.#track(chunk, time, inclusive, step)) return;
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

  /** This place. */
  mark(): Mark {
    const chunk = this.#chunk;
    // A batch that is made later on would not be in the mark's memory.
    if (chunk && this.#next < chunk.count && isKnownLinkType(chunk.linkTypes[this.#next] as number)) {
      this.#batchFor(chunk.linkTypes[this.#next] as number, this.#arrivalOf(chunk, this.#next));
    }
    return {
      checkpoint: this.conntrack.checkpoint(),
      packets: this.packets,
      latest: this.latest,
      offset: this.#offset,
      next: this.#next,
      lastTime: this.lastTime,
      batches: this.#batches.size,
    };
  }

  /** Whether goTo() leads there. */
  canGoTo(mark: Mark): boolean {
    return mark.batches === this.#batches.size;
  }

  /** Goes back to a mark, or forwards to one that has been passed before. `near`: in the current chunk. */
  async goTo(mark: Mark, near = false): Promise<void> {
    this.conntrack.rewind(mark.checkpoint);
    this.packets = mark.packets;
    this.latest = mark.latest;
    this.lastTime = mark.lastTime;
    this.#next = mark.next;
    if (near) return;
    const before = this.#chunks;
    this.#chunk = undefined;
    this.#next = 0;
    this.#ended = false;
    this.error = undefined;
    this.#openAt(this.#seekable ? mark.offset : 0);
    if (!this.#seekable) this.#skip = mark.packets;
    await before.return();
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
        else {
          this.#chunk = value;
          this.#offset = this.#behind;
          this.#behind += value.bytes.length;
        }
        this.#next = 0;
        // Marks are set where chunks begin.
        if (value && this.#skip > 0) {
          this.#skip -= value.count;
          this.#next = value.count;
        }
      } catch (error) {
        this.error = error as Error;
        this.#ended = true;
      }
    }
    return !this.#ended;
  }

  #openAt(offset: number): void {
    this.#behind = Math.max(offset, PCAP_HEADER);
    const onRead = (bytes: number) => {
      this.#read = bytes;
    };
    this.#chunks = readCaptureChunks(piecesOf(this.#capture, onRead, offset));
  }

  /** False when the batch is left for later, or never. */
  #track(
    chunk: CapturedPackets,
    time: number,
    inclusive: boolean,
    { ahead, visit, cutBefore, whole }: ReplayStep,
  ): boolean {
    const first = this.#next;
    ahead?.(chunk, first);
    const link = chunk.linkTypes[first] as number;
    const arrival = this.#arrivalOf(chunk, first);
    const last = Math.min(chunk.count, first + BATCH);
    let end = first + 1;
    while (
      end < last &&
      chunk.linkTypes[end] === link &&
      this.#arrivalOf(chunk, end) === arrival &&
      !cutBefore?.(chunk, end)
    ) {
      if (!reaches(chunk, end, time, inclusive)) {
        if (whole) return false;
        break;
      }
      end++;
    }
    const batch = this.#batchFor(link, arrival);
    if (!batch) return true;
    batch.clear();
    const count = batch.pushAll(chunk, first, end);
    if (this.firewall) this.firewall.processBatch(batch);
    else this.conntrack.trackBatch(batch);
    this.firstTime ??= chunk.times[first];
    this.lastTime = chunk.times[first + count - 1];
    for (let i = first; i < first + count; i++) this.latest = Math.max(this.latest, chunk.times[i] as number);
    visit?.(batch, chunk, first, count);
    this.packets += count;
    this.#next = first + count;
    return true;
  }

  /** A batch's packets all enter in the same way. */
  #arrivalOf({ bytes, offsets, lengths, linkTypes }: CapturedPackets, i: number): Arrival {
    if (!this.#machine) return 0;
    const at = offsets[i] as number;
    const packet = dissect(bytes.subarray(at, at + (lengths[i] as number)), linkTypes[i] as LinkType);
    return packet ? this.#machine.arrivalOf(packet.src) : 0;
  }

  #batchFor(link: number, arrival: Arrival): Batch | undefined {
    if (!this.#batches.has(keyOf(link, arrival))) {
      if (!isKnownLinkType(link)) {
        this.error = new ConntrackError("CT_BAD_CAPTURE", `link type ${link} is not supported`);
        this.#ended = true;
        this.#next = this.#chunk?.count ?? 0;
        return undefined;
      }
      // For all devices at once: marks are lost with each that is new.
      for (let other = LOCAL; other < (this.#machine?.devices.length ?? 1); other++) {
        if (this.#machine || other === arrival)
          this.#batches.set(keyOf(link, other), this.#newBatch(link, other));
      }
    }
    return this.#batches.get(keyOf(link, arrival));
  }

  #newBatch(link: LinkType, arrival: Arrival): Batch {
    const options = { link, bytes: BATCH_BYTES };
    if (!this.firewall) return this.conntrack.createBatch(BATCH, options);
    if (arrival === LOCAL) return this.firewall.createBatch(BATCH, { ...options, local: true });
    const device = this.#machine?.devices[arrival] as string;
    return this.firewall.createBatch(BATCH, { ...options, in: device });
  }
}

function keyOf(link: number, arrival: Arrival): string {
  return `${link} ${arrival}`;
}

/** Whether packet i is to be tracked on the way to `time`. */
function reaches({ times }: CapturedPackets, i: number, time: number, inclusive: boolean): boolean {
  const own = times[i] as number;
  return own < time || (inclusive && own === time);
}
