/** Reads a flow's bytes, in its slot or in an event's copy, and what lies beside them. */
import { Protocol } from "../../assembly/shared/protocol.js";
import { SctpState } from "../../assembly/shared/sctp-state.js";
import { TcpState } from "../../assembly/shared/tcp-state.js";
import { ipv4Text, ipv6Text } from "../address.js";
import type { FlowCounters, FlowInfo, FlowTuple, TcpWindow, ZoneDirection } from "../flow.js";
import { readLabels } from "../labels.js";
import type { Engine } from "./engine.js";
import type { Layout } from "./exports.js";

/** What /proc prints for a flow that nothing else refers to; the reader's own reference is in it. */
const IDLE_USE = 2;

/** What the two words of a tuple are that are no addresses: which one is first, and how they are divided. */
export type TupleWords = "ports" | "icmp" | "keys" | undefined;

/** The bytes alone; what lies beside them is not there. */
export class FlowRecord {
  protected readonly engine: Engine;
  protected readonly layout: Layout;
  /** Address of the bytes. */
  protected at: number;
  /** Where the flow lives (not where its bytes are read): with the generation its identity. */
  protected home: number;

  constructor(engine: Engine, at: number, home: number = at) {
    this.engine = engine;
    this.layout = engine.layout;
    this.at = at;
    this.home = home;
  }

  /** Address of its extension, 0 for none. */
  protected get extension(): number {
    return 0;
  }
  /** Address of its counters, 0 for none. */
  protected get counted(): number {
    return 0;
  }
  /** When it entered the table; undefined when nobody has noted it. */
  get start(): number | undefined {
    return undefined;
  }

  get id(): number {
    // Opaque, stable, and never shared by two living flows: 27 bits of address, five of the occupant's number, and
    // mixed by steps that can be undone.
    const place = (this.home >>> 5) | (this.#u16(this.layout.FLOW_GENERATION) << 27);
    const mixed = Math.imul(place ^ (place >>> 16), 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
  get kind(): number {
    return this.#u8(this.layout.FLOW_KIND);
  }
  get ipv6(): boolean {
    return (this.kind & this.layout.FLOW_KIND_IPV6) !== 0;
  }
  get protocolNumber(): number {
    return this.#u8(this.layout.FLOW_PROTOCOL);
  }
  get status(): number {
    return this.#u16(this.layout.FLOW_STATUS);
  }
  get mark(): number {
    return this.#u32(this.layout.FLOW_MARK);
  }
  get zone(): number {
    return this.#u16(this.layout.FLOW_ZONE);
  }
  get zoneDirection(): ZoneDirection {
    const { FLOW_KIND_ZONE_ORIGINAL, FLOW_KIND_ZONE_REPLY } = this.layout;
    if (this.kind & FLOW_KIND_ZONE_ORIGINAL) return "original";
    return this.kind & FLOW_KIND_ZONE_REPLY ? "reply" : "both";
  }
  get labels(): readonly number[] {
    const { extension } = this;
    return extension ? readLabels(this.engine.u32, extension + this.layout.EXTENSION_LABELS) : [];
  }
  get use(): number {
    const { extension } = this;
    const { EXTENSION_CHILDREN } = this.layout;
    return IDLE_USE + (extension ? (this.engine.u32[(extension + EXTENSION_CHILDREN) >>> 2] ?? 0) : 0);
  }
  /** Number of its helper, 0 for none. */
  get helperNumber(): number {
    const { extension } = this;
    const { EXTENSION_HELPER } = this.layout;
    return extension ? (this.engine.u16[(extension + EXTENSION_HELPER) >>> 1] ?? 0) : 0;
  }
  /** Address of the flow that announced it, 0 for none. */
  get master(): { address: number; generation: number } {
    const { extension } = this;
    const at = (extension + this.layout.EXTENSION_MASTER) >>> 2;
    if (!extension) return { address: 0, generation: 0 };
    return { address: this.engine.u32[at] ?? 0, generation: this.engine.u32[at + 1] ?? 0 };
  }
  get timeout(): number {
    const ticks = (this.#u32(this.layout.FLOW_DEADLINE) - this.engine.call.currentTick()) | 0;
    return Math.floor(Math.max(0, ticks) / this.layout.TICKS_PER_SECOND);
  }
  get state(): string | undefined {
    const names =
      this.protocolNumber === Protocol.TCP
        ? TcpState
        : this.protocolNumber === Protocol.SCTP
          ? SctpState
          : undefined;
    return names?.[this.#u8(this.layout.FLOW_STATE) & 15];
  }
  get tcp(): FlowInfo["tcp"] {
    const state = this.protocolNumber === Protocol.TCP ? this.state : undefined;
    if (state === undefined) return undefined;
    const scales = this.#u8(this.layout.TCP_SCALES);
    const flags = this.layout.TCP_FLAGS;
    return {
      state,
      scale: [scales & 15, scales >>> 4],
      flags: [this.#u8(flags), this.#u8(flags + 1)],
      window: [this.#window(0), this.#window(1)],
    };
  }
  #window(side: 0 | 1): TcpWindow {
    const at = this.layout.TCP_PEERS + 16 * side;
    return {
      end: this.#u32(at),
      maxEnd: this.#u32(at + 4),
      maxWindow: this.#u32(at + 8),
      maxAck: this.#u32(at + 12),
    };
  }
  get sctp(): FlowInfo["sctp"] {
    const state = this.protocolNumber === Protocol.SCTP ? this.state : undefined;
    if (state === undefined) return undefined;
    const tag = (at: number) => new DataView(this.engine.u8.buffer, this.at + at, 4).getUint32(0, false);
    return { state, vtag: [tag(this.layout.SCTP_TAGS), tag(this.layout.SCTP_TAGS + 4)] };
  }
  get gre(): FlowInfo["gre"] {
    if (this.protocolNumber !== Protocol.GRE) return undefined;
    return {
      timeout: this.#u32(this.layout.GRE_TIMEOUT),
      streamTimeout: this.#u32(this.layout.GRE_STREAM_TIMEOUT),
    };
  }
  get deltaTime(): number | undefined {
    const { start } = this;
    if (start === undefined) return undefined;
    return Math.floor((this.engine.call.nowMs() - start) / 1000);
  }
  get counters(): FlowInfo["counters"] {
    const { counted } = this;
    if (!counted) return undefined;
    return { original: this.#count(counted), reply: this.#count(counted + 12) };
  }

  /** Direction 0 is the original one, 1 the reply. */
  tuple(direction: 0 | 1): FlowTuple {
    const { u8 } = this.engine;
    const text = this.ipv6 ? ipv6Text : ipv4Text;
    const src = text(u8, this.addressAt(direction, 0));
    const dst = text(u8, this.addressAt(direction, 1));
    const high = this.word(direction, 0);
    const low = this.word(direction, 1);
    // Written out: an object made by spreading another one takes ten times as long, and its readers, too.
    switch (this.words) {
      case "ports":
        return { src, dst, sport: high, dport: low };
      case "icmp":
        return { src, dst, type: low >>> 8, code: low & 255, icmpId: high };
      case "keys":
        return { src, dst, srckey: high, dstkey: low };
      default:
        return { src, dst };
    }
  }

  protected get words(): TupleWords {
    switch (this.protocolNumber) {
      case Protocol.TCP:
      case Protocol.UDP:
      case Protocol.UDPLITE:
      case Protocol.SCTP:
        return "ports";
      case Protocol.ICMP:
      case Protocol.ICMPV6:
        return "icmp";
      case Protocol.GRE:
        return "keys";
      default:
        return undefined;
    }
  }
  protected word(direction: 0 | 1, end: 0 | 1): number {
    const { u8, layout } = this.engine;
    const at = this.at + (direction ? layout.FLOW_REPLY_PORTS : layout.FLOW_ORIGINAL_PORTS) + 2 * end;
    return ((u8[at] ?? 0) << 8) | (u8[at + 1] ?? 0);
  }
  /** Where the address of an end lies: 0 the source, 1 the destination. */
  protected addressAt(direction: 0 | 1, end: 0 | 1): number {
    const { layout } = this;
    if (this.ipv6) return this.at + (direction ? layout.FLOW6_REPLY : layout.FLOW6_ORIGINAL) + 16 * end;
    return this.at + (direction ? layout.FLOW_REPLY_ADDRESS : layout.FLOW_ORIGINAL_ADDRESS) + 4 * end;
  }

  /** Two numbers of 48 bits, low half first. */
  #count(at: number): FlowCounters {
    const { u16 } = this.engine;
    const number = (i: number) =>
      (u16[i] ?? 0) + (u16[i + 1] ?? 0) * 0x10000 + (u16[i + 2] ?? 0) * 0x100000000;
    return { packets: number(at >>> 1), bytes: number((at + 6) >>> 1) };
  }

  #u8(offset: number): number {
    return this.engine.u8[this.at + offset] ?? 0;
  }
  #u16(offset: number): number {
    return this.engine.u16[(this.at + offset) >>> 1] ?? 0;
  }
  #u32(offset: number): number {
    return this.engine.u32[(this.at + offset) >>> 2] ?? 0;
  }
}

/** A flow that lives, where it lives: everything is read when it is asked for. */
export class LivingFlowRecord extends FlowRecord {
  protected override get extension(): number {
    const { u32, layout } = this.engine;
    return u32[(this.at + layout.FLOW_EXTENSION) >>> 2] ?? 0;
  }
  protected override get counted(): number {
    const { call, layout } = this.engine;
    return this.kind & layout.FLOW_KIND_COUNTERS ? call.countersOf(this.at) >>> 0 : 0;
  }
  override get start(): number | undefined {
    const { extension } = this;
    const { f64, layout } = this.engine;
    const start = extension ? f64[(extension + layout.EXTENSION_START) >>> 3] : undefined;
    return Number.isNaN(start) ? undefined : start;
  }
}

/** A flow as an event has copied it, with what it tells besides. */
export class CopiedFlowRecord extends FlowRecord {
  readonly #event: number;
  /** Whether the event tells more than the copy: of flows with an extension, counters or IPv6 addresses. */
  readonly #more: boolean;

  /** `event`: address of the event. */
  constructor(engine: Engine, event: number) {
    const { layout, u32 } = engine;
    super(engine, event + layout.EVENT_COPY, u32[(event + layout.EVENT_FLOW) >>> 2] ?? 0);
    this.#event = event;
    this.#more = (u32[(event + layout.EVENT_SIZE) >>> 2] ?? 0) > layout.EVENT_MORE;
  }

  protected override get counted(): number {
    const { FLOW_KIND_COUNTERS, EVENT_COUNTERS } = this.layout;
    return this.kind & FLOW_KIND_COUNTERS ? this.#event + EVENT_COUNTERS : 0;
  }
  override get start(): number | undefined {
    if (!this.#more) return undefined;
    const start = this.engine.f64[(this.#event + this.layout.EVENT_START) >>> 3];
    return Number.isNaN(start) ? undefined : start;
  }
  override get labels(): readonly number[] {
    return this.#more ? readLabels(this.engine.u32, this.#event + this.layout.EVENT_LABELS) : [];
  }
  override get helperNumber(): number {
    return this.#word(this.layout.EVENT_HELPER);
  }
  override get master(): { address: number; generation: number } {
    const { EVENT_MASTER } = this.layout;
    return { address: this.#word(EVENT_MASTER), generation: this.#word(EVENT_MASTER + 4) };
  }
  #word(offset: number): number {
    return this.#more ? (this.engine.u32[(this.#event + offset) >>> 2] ?? 0) : 0;
  }
}
