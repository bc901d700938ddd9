/** One of several engines, in a worker. */
import type { LinkType } from "../../assembly/shared/link-type.js";
import type { Batch } from "../batch.js";
import { Conntrack, internalsOf } from "../conntrack.js";
import { useModule } from "../engine/instantiate.js";
import { ConntrackError } from "../errors.js";
import type { ConntrackEvent, Master } from "../events.js";
import type { Flow, FlowInfo } from "../flow.js";
import type { FlowFilter } from "../flow-filter.js";
import type { HelperFailure } from "../helper-runner.js";
import type { Insertion } from "../insertion.js";
import { ip } from "../packet/ip.js";
import type { PacketArray } from "../packet-array.js";
import type { Beginning } from "./messages.js";
import { BatchMemory } from "./shared-memory.js";

/** A flow as it was when it was asked for. */
export interface ShardedFlow extends FlowInfo {
  readonly helper: string | undefined;
  /** The flow whose helper announced this one, if it still lives. */
  readonly master: Master | undefined;
}

/** Where the main thread has put a batch. */
export interface BatchPlace {
  readonly number: number;
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly link: LinkType;
  readonly hook: "PREROUTING" | "OUTPUT";
}

interface Opened {
  readonly memory: BatchMemory;
  readonly batch: Batch;
}

/** Packets that are looked at together, for each worker: about this many of them are its own. */
const OWN_AT_A_TIME = 256;
const MOST_AT_A_TIME = 4096;
/** Flows that are sent together. */
const PAGE = 256;
/** Above the 32 bits of an engine's ids stands the number of the shard. */
const ID_RANGE = 2 ** 32;

export class Shard {
  readonly conntrack: Conntrack;
  readonly #part: number;
  /** How many packets are looked at together. */
  readonly #chunk: number;
  /** Address of the numbers of the packets that were kept. */
  readonly #numbers: number;
  readonly #batches = new Map<number, Opened>();
  /** One for each link layer and hook; batches of the main thread go through it in turn. */
  readonly #own = new Map<string, Batch>();
  readonly #walks = new Map<number, Iterator<Flow>>();

  /** @throws ConntrackError as Conntrack.create() */
  constructor({ module, part, parts, key, sysctl, eventCapacity }: Beginning) {
    useModule(module as Parameters<typeof useModule>[0]);
    this.conntrack = Conntrack.createSync({
      sysctl,
      ...(eventCapacity === undefined ? {} : { eventCapacity }),
    });
    this.#part = part;
    this.#chunk = Math.min(OWN_AT_A_TIME * parts, MOST_AT_A_TIME);
    const { engine } = internalsOf(this.conntrack);
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = key;
    this.#numbers = engine.call.openShare(part, parts, this.#chunk, w0, w1, w2, w3) >>> 0;
    engine.refresh();
    if (!this.#numbers) throw new ConntrackError("CT_ENGINE", "no memory for a shard");
  }

  openBatch({ number, buffer, capacity, link, hook }: BatchPlace): void {
    const kind = `${link} ${hook}`;
    const batch = this.#own.get(kind) ?? this.conntrack.createBatch(this.#chunk, { link, hook });
    this.#own.set(kind, batch);
    this.#batches.set(number, { batch, memory: new BatchMemory(buffer, capacity) });
  }

  closeBatch(number: number): void {
    this.#batches.delete(number);
  }

  /** Tracks the packets of a batch that fall to this shard. True when all shards have done so. */
  track(number: number): boolean {
    const opened = this.#batches.get(number);
    if (!opened) throw new Error(`batch ${number} has not been opened`);
    const { memory, batch } = opened;
    const { engine } = internalsOf(this.conntrack);
    const { layout, call } = engine;
    const packets = packetsOf(memory);
    for (let next = memory.first; next < memory.end; ) {
      batch.clear();
      const added = batch.pushAll(packets, next, Math.min(next + this.#chunk, memory.end));
      if (added === 0) throw new Error(`packet ${next} of batch ${number} cannot be read`);
      batch.keepShare();
      batch.track();
      const { u32 } = engine;
      const numbers = this.#numbers >>> 2;
      const count = batch.length;
      const step = layout.PACKET_SIZE >>> 2;
      for (let i = 0, row = (batch.row(0) + layout.PACKET_CT_STATE) >>> 2; i < count; i++, row += step) {
        memory.settle(next + (u32[numbers + i] ?? 0), u32[row] ?? 0);
      }
      next += added;
    }
    call.catchUp();
    engine.refresh();
    return memory.finish();
  }

  openWalk(number: number, filter: FlowFilter): void {
    this.#walks.set(number, this.conntrack.flows(filter));
  }

  /** The next flows of a walk; none at its end. */
  walk(number: number): ShardedFlow[] {
    const flows: ShardedFlow[] = [];
    const walk = this.#walks.get(number);
    while (walk && flows.length < PAGE) {
      const { value, done } = walk.next();
      if (done) break;
      flows.push(this.#copyOf(value));
    }
    return flows;
  }

  closeWalk(number: number): void {
    this.#walks.delete(number);
  }

  /** False when the flow falls to another shard, too. */
  insert(flow: Insertion): boolean {
    return this.#owns(flow.original) && this.conntrack.insert(flow);
  }

  drainEvents(): ConntrackEvent[] {
    return this.conntrack
      .drainEvents()
      .map((event) => ("id" in event ? { ...event, id: this.#idOf(event.id) } : event));
  }

  takeHelperFailures(): HelperFailure[] {
    return this.conntrack
      .takeHelperFailures()
      .map((failure) => ({ ...failure, error: String(failure.error) }));
  }

  /** Whether packets between two addresses fall to this shard: asked as of a packet. */
  #owns({ src, dst }: { readonly src: string; readonly dst: string }): boolean {
    const batch = this.conntrack.createBatch(1);
    batch.push(ip({ src, dst, protocol: 255, payload: new Uint8Array(0) }), Number.NEGATIVE_INFINITY);
    batch.keepShare();
    const { length } = batch;
    batch.release();
    return length === 1;
  }

  #idOf(id: number): number {
    return this.#part * ID_RANGE + id;
  }

  #copyOf(flow: Flow): ShardedFlow {
    const { master } = flow;
    return {
      id: this.#idOf(flow.id),
      family: flow.family,
      protocol: flow.protocol,
      protocolNumber: flow.protocolNumber,
      original: flow.original,
      reply: flow.reply,
      state: flow.state,
      timeout: flow.timeout,
      status: flow.status,
      mark: flow.mark,
      zone: flow.zone,
      zoneDirection: flow.zoneDirection,
      labels: flow.labels,
      use: flow.use,
      counters: flow.counters,
      tcp: flow.tcp,
      sctp: flow.sctp,
      start: flow.start,
      deltaTime: flow.deltaTime,
      gre: flow.gre,
      helper: flow.helper,
      master: master && { protocolNumber: master.protocolNumber, original: master.original },
    };
  }
}

function packetsOf({ bytes, end, offsets, lengths, wireLengths, times, cut }: BatchMemory): PacketArray {
  return { bytes, count: end, offsets, lengths, times, ...(cut ? { wireLengths } : {}) };
}
