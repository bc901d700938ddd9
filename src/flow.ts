/** What a tracked connection looks like from outside. */
import { Status } from "../assembly/shared/status.js";
import type { Engine } from "./engine/engine.js";
import { LivingFlowRecord } from "./engine/flow-record.js";
import { PrintedRecord } from "./engine/printed-record.js";
import { ConntrackError } from "./errors.js";
import { textOf } from "./format/line-writer.js";
import { writeProc } from "./format/proc.js";
import type { HelperRunner } from "./helper-runner.js";
import { nameOfProtocol } from "./protocol.js";

/** One direction of a flow. Which of the optional fields there are depends on the protocol. */
export interface FlowTuple {
  readonly src: string;
  readonly dst: string;
  /** TCP, UDP, UDP-Lite, SCTP. */
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  /** ICMP and ICMPv6. */
  readonly type?: number | undefined;
  readonly code?: number | undefined;
  readonly icmpId?: number | undefined;
  /** GRE: call ids of PPTP, otherwise 0. */
  readonly srckey?: number | undefined;
  readonly dstkey?: number | undefined;
}

/** Which of a flow's tuples its zone counts for; the other one lies in zone 0. */
export type ZoneDirection = "both" | "original" | "reply";

/** Packets and bytes of one direction; bytes count whole IP packets. */
export interface FlowCounters {
  readonly packets: number;
  readonly bytes: number;
}

/** The window of one side of a TCP connection, in that side's sequence numbers unless said otherwise. */
export interface TcpWindow {
  /** Behind the last byte sent. */
  readonly end: number;
  /** The first byte that the other side has no room for. */
  readonly maxEnd: number;
  /** Largest window that this side has offered, scaled; 0 when nothing of it has been seen. */
  readonly maxWindow: number;
  /** The highest acknowledgement sent, in the other side's numbers; 0 for none. */
  readonly maxAck: number;
}

/** Everything that a listing prints of a flow. */
export interface FlowInfo {
  readonly id: number;
  readonly family: "ipv4" | "ipv6";
  /** As /proc names it; "unknown" for protocols it has no name for. */
  readonly protocol: string;
  readonly protocolNumber: number;
  readonly original: FlowTuple;
  readonly reply: FlowTuple;
  /** Name of the TCP or SCTP state. */
  readonly state: string | undefined;
  /** Whole seconds left, rounded down. */
  readonly timeout: number;
  /** IPS_ status bits. */
  readonly status: number;
  readonly mark: number;
  readonly zone: number;
  readonly zoneDirection: ZoneDirection;
  /** Numbers of the labels that are set, 0 to 127. */
  readonly labels: readonly number[];
  /** Reference count, as /proc prints it: the reader's own is in it. */
  readonly use: number;
  /** Only for flows begun while nf_conntrack_acct was 1. */
  readonly counters: { readonly original: FlowCounters; readonly reply: FlowCounters } | undefined;
  readonly tcp:
    | {
        readonly state: string;
        /** Window scale of the original and the reply side. */
        readonly scale: readonly [number, number];
        /** IP_CT_TCP_FLAG_ bits of both sides. */
        readonly flags: readonly [number, number];
        /** What both sides may send. */
        readonly window: readonly [TcpWindow, TcpWindow];
      }
    | undefined;
  readonly sctp:
    | {
        readonly state: string;
        /** Verification tags expected in original and reply packets; 0 = not known yet. */
        readonly vtag: readonly [number, number];
      }
    | undefined;
  /** Milliseconds on the caller's clock at which the flow entered the table; needs nf_conntrack_timestamp=1 then. */
  readonly start: number | undefined;
  /** Whole seconds since `start`. */
  readonly deltaTime: number | undefined;
  /** The timeouts, in seconds, that a GRE flow keeps. */
  readonly gre: { readonly timeout: number; readonly streamTimeout: number } | undefined;
}

/**
 * A live view of a flow: every property is read from the engine when it is asked for.
 * @throws ConntrackError CT_FLOW_GONE from all properties once the flow has been destroyed
 */
export class Flow implements FlowInfo {
  readonly #engine: Engine;
  readonly #helpers: HelperRunner;
  readonly #address: number;
  readonly #generation: number;
  readonly #record: LivingFlowRecord;

  constructor(engine: Engine, helpers: HelperRunner, address: number, generation: number) {
    this.#engine = engine;
    this.#helpers = helpers;
    this.#address = address;
    this.#generation = generation;
    this.#record = new LivingFlowRecord(engine, address);
  }

  /** False once the flow has been destroyed. */
  get alive(): boolean {
    const { u16, layout } = this.#engine;
    return (
      u16[(this.#address + layout.FLOW_GENERATION) >>> 1] === this.#generation &&
      ((u16[(this.#address + layout.FLOW_STATUS) >>> 1] ?? 0) & Status.CONFIRMED) !== 0
    );
  }

  /** Address in the engine's memory, for calls that change the flow. */
  get address(): number {
    this.#living();
    return this.#address;
  }

  get id(): number {
    return this.#living().id;
  }
  get family(): "ipv4" | "ipv6" {
    return this.#living().ipv6 ? "ipv6" : "ipv4";
  }
  get protocol(): string {
    return nameOfProtocol(this.#living().protocolNumber);
  }
  get protocolNumber(): number {
    return this.#living().protocolNumber;
  }
  get original(): FlowTuple {
    return this.#living().tuple(0);
  }
  get reply(): FlowTuple {
    return this.#living().tuple(1);
  }
  get state(): string | undefined {
    return this.#living().state;
  }
  get timeout(): number {
    return this.#living().timeout;
  }
  get status(): number {
    return this.#living().status;
  }
  get seenReply(): boolean {
    return (this.status & Status.SEEN_REPLY) !== 0;
  }
  get assured(): boolean {
    return (this.status & Status.ASSURED) !== 0;
  }
  get confirmed(): boolean {
    return (this.status & Status.CONFIRMED) !== 0;
  }
  get mark(): number {
    return this.#living().mark;
  }
  get zone(): number {
    return this.#living().zone;
  }
  get zoneDirection(): ZoneDirection {
    return this.#living().zoneDirection;
  }
  get labels(): readonly number[] {
    return this.#living().labels;
  }
  get use(): number {
    return this.#living().use;
  }
  get counters(): FlowInfo["counters"] {
    return this.#living().counters;
  }
  get tcp(): FlowInfo["tcp"] {
    return this.#living().tcp;
  }
  get start(): number | undefined {
    return this.#living().start;
  }
  get deltaTime(): number | undefined {
    return this.#living().deltaTime;
  }
  get sctp(): FlowInfo["sctp"] {
    return this.#living().sctp;
  }
  /** Name of the helper that reads its payload. */
  get helper(): string | undefined {
    return this.#helpers.nameOf(this.#living().helperNumber);
  }
  /** The flow whose helper announced this one, as long as it lives. */
  get master(): Flow | undefined {
    const { address, generation } = this.#living().master;
    const master = address ? new Flow(this.#engine, this.#helpers, address, generation) : undefined;
    return master?.alive ? master : undefined;
  }
  get gre(): FlowInfo["gre"] {
    return this.#living().gre;
  }

  /** As /proc/net/nf_conntrack prints it, without the end of line. */
  line(): string {
    const record = new PrintedRecord(this.#engine, (number) => this.#helpers.nameOf(number));
    record.moveTo(this.address);
    return textOf((lines) => writeProc(lines, record));
  }

  /** A method, as V8 calls private getters by a slow way of its own. */
  #living(): LivingFlowRecord {
    if (!this.alive) throw new ConntrackError("CT_FLOW_GONE", "the flow has been destroyed");
    return this.#record;
  }
}
