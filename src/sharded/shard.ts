/** One of several engines, in a worker. */
import type { LinkType } from "../../assembly/shared/link-type.js";
import type { Batch } from "../batch.js";
import { Conntrack, internalsOf } from "../conntrack.js";
import { useModule } from "../engine/instantiate.js";
import type { ConntrackEvent, Master } from "../events.js";
import type { Flow, FlowInfo } from "../flow.js";
import type { FlowFilter } from "../flow-filter.js";
import type { HelperFailure } from "../helper-runner.js";
import type { Insertion } from "../insertion.js";
import { dealsOf, type Hand, handOf } from "./hand.js";
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
  readonly link: LinkType;
  readonly hook: "PREROUTING" | "OUTPUT";
}

interface Opened {
  readonly memory: BatchMemory;
  readonly batch: Batch;
}

/** Packets that are tracked together: they stay in a core's cache. */
const AT_A_TIME = 256;
/** Flows that are sent together. */
const PAGE = 256;
/** Above the 32 bits of an engine's ids stands the number of the shard. */
const ID_RANGE = 2 ** 32;

export class Shard {
  readonly conntrack: Conntrack;
  readonly #part: number;
  readonly #batches = new Map<number, Opened>();
  /** One for each link layer and hook; batches of the main thread go through it in turn. */
  readonly #own = new Map<string, Batch>();
  readonly #walks = new Map<number, Iterator<Flow>>();

  /** @throws ConntrackError as Conntrack.create() */
  constructor({ module, part, sysctl, eventCapacity }: Beginning) {
    useModule(module as Parameters<typeof useModule>[0]);
    this.conntrack = Conntrack.createSync({
      sysctl,
      ...(eventCapacity === undefined ? {} : { eventCapacity }),
    });
    this.#part = part;
  }

  openBatch({ number, buffer, link, hook }: BatchPlace): void {
    const kind = `${link} ${hook}`;
    const batch = this.#own.get(kind) ?? this.conntrack.createBatch(AT_A_TIME, { link, hook });
    this.#own.set(kind, batch);
    this.#batches.set(number, { batch, memory: new BatchMemory(buffer) });
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
    const { call, layout } = engine;
    for (const deal of dealsOf(memory, layout)) {
      this.#trackHand(handOf(memory, layout, deal, this.#part), batch);
      // To where the latest packet moves it, whosever that is.
      call.setTime(memory.dealTimes[(deal + layout.DEAL_LATEST) >>> 3] as number);
    }
    engine.refresh();
    return memory.finish();
  }

  #trackHand(hand: Hand, batch: Batch): void {
    const { engine } = internalsOf(this.conntrack);
    const { count, numbers, outcomes } = hand;
    const step = engine.layout.PACKET_SIZE >>> 2;
    for (let next = 0; next < count; ) {
      batch.clear();
      const added = batch.pushAll(hand, next, Math.min(next + AT_A_TIME, count));
      if (added === 0) throw new Error(`packet ${numbers[next]} of a batch cannot be read`);
      batch.track();
      const { u32 } = engine;
      let row = (batch.row(0) + engine.layout.PACKET_CT_STATE) >>> 2;
      for (const end = next + added; next < end; next++, row += step) {
        outcomes[next] = u32[row] as number;
      }
    }
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
  insert(part: number, flow: Insertion): boolean {
    return part === this.#part && this.conntrack.insert(flow);
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
