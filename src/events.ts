/** What happened to flows, as conntrack -E tells it. */
import { EventBit, EventKind } from "../assembly/shared/event.js";
import { ipv4Text, ipv6Text } from "./address.js";
import type { Engine } from "./engine/engine.js";
import { ExpectationRecord } from "./engine/expectation-record.js";
import { CopiedFlowRecord, LivingFlowRecord } from "./engine/flow-record.js";
import type { FlowInfo, FlowTuple } from "./flow.js";
import type { HelperRunner } from "./helper-runner.js";
import { nameOfProtocol } from "./protocol.js";

export type EventChange =
  | "new"
  | "related"
  | "destroy"
  | "reply"
  | "assured"
  | "protoinfo"
  | "helper"
  | "mark"
  | "natseqinfo"
  | "secmark"
  | "label"
  | "synproxy";

/** A flow as it was when the event happened. */
export interface FlowEvent extends Omit<FlowInfo, "use"> {
  readonly kind: "NEW" | "UPDATE" | "DESTROY";
  /** Milliseconds on the caller's clock. */
  readonly time: number;
  /** What one packet changed, merged into one event, under the names of `CT --ctevents`. */
  readonly changes: readonly EventChange[];
  readonly helper: string | undefined;
  /** In "related" events: the flow whose helper announced this one, if it still lives when the event is read. */
  readonly master: Master | undefined;
}

/** An expectation as it was when the event happened. */
export interface ExpectationEvent {
  readonly kind: "EXP_NEW" | "EXP_DESTROY";
  readonly time: number;
  readonly changes: readonly [];
  readonly family: "ipv4" | "ipv6";
  readonly protocolNumber: number;
  readonly zone: number;
  /** Whole seconds that were left. */
  readonly timeout: number;
  /** Name of the helper that made it. */
  readonly helper: string | undefined;
  readonly expectation: {
    readonly tuple: FlowTuple;
    readonly mask: FlowTuple;
    /** 1 permanent, 2 inactive, 4 not made by a helper. */
    readonly flags: number;
    readonly class: number;
  };
  /** The flow that announced it. */
  readonly master: Master;
}

export type ConntrackEvent = FlowEvent | ExpectationEvent;

export interface Master {
  readonly protocolNumber: number;
  readonly original: FlowTuple;
}

const CHANGES: ReadonlyArray<readonly [EventBit, EventChange]> = [
  [EventBit.NEW, "new"],
  [EventBit.RELATED, "related"],
  [EventBit.DESTROY, "destroy"],
  [EventBit.REPLY, "reply"],
  [EventBit.ASSURED, "assured"],
  [EventBit.PROTOINFO, "protoinfo"],
  [EventBit.HELPER, "helper"],
  [EventBit.MARK, "mark"],
  [EventBit.SEQADJ, "natseqinfo"],
  [EventBit.SECMARK, "secmark"],
  [EventBit.LABEL, "label"],
  [EventBit.SYNPROXY, "synproxy"],
];

const FLOW_KINDS = {
  [EventKind.NEW]: "NEW",
  [EventKind.UPDATE]: "UPDATE",
  [EventKind.DESTROY]: "DESTROY",
} as const;

/** Takes all events out of the engine's ring, oldest first. */
export function drainEvents(engine: Engine, helpers: HelperRunner): ConntrackEvent[] {
  const events: ConntrackEvent[] = [];
  for (let at = engine.call.firstEvent() >>> 0; at; at = engine.call.firstEvent() >>> 0) {
    const kind = (engine.u16[(at + engine.layout.EVENT_KIND) >>> 1] ?? 0) as EventKind;
    if (kind === EventKind.EXP_NEW) events.push(readExpectationEvent(engine, helpers, at, "EXP_NEW"));
    else if (kind === EventKind.EXP_DESTROY)
      events.push(readExpectationEvent(engine, helpers, at, "EXP_DESTROY"));
    else events.push(readFlowEvent(engine, helpers, at, FLOW_KINDS[kind]));
    engine.call.dropFirstEvent();
  }
  return events;
}

function readFlowEvent(
  engine: Engine,
  helpers: HelperRunner,
  at: number,
  kind: FlowEvent["kind"],
): FlowEvent {
  const { layout, u16, u32, f64 } = engine;
  const bits = u16[(at + layout.EVENT_CHANGES) >>> 1] ?? 0;
  const record = new CopiedFlowRecord(engine, at);
  return {
    kind,
    time: f64[(at + layout.EVENT_TIME) >>> 3] ?? 0,
    changes: CHANGES.filter(([bit]) => bits & bit).map(([, name]) => name),
    id: record.id,
    family: record.ipv6 ? "ipv6" : "ipv4",
    protocol: nameOfProtocol(record.protocolNumber),
    protocolNumber: record.protocolNumber,
    original: record.tuple(0),
    reply: record.tuple(1),
    state: record.state,
    timeout: u32[(at + layout.EVENT_TIMEOUT) >>> 2] ?? 0,
    status: record.status,
    mark: record.mark,
    zone: record.zone,
    zoneDirection: record.zoneDirection,
    labels: record.labels,
    counters: record.counters,
    start: record.start,
    deltaTime: record.deltaTime,
    tcp: record.tcp,
    sctp: record.sctp,
    gre: record.gre,
    helper: helpers.nameOf(record.helperNumber),
    master: bits & EventBit.RELATED ? readMaster(engine, record.master) : undefined,
  };
}

function readExpectationEvent(
  engine: Engine,
  helpers: HelperRunner,
  at: number,
  kind: ExpectationEvent["kind"],
): ExpectationEvent {
  const record = new ExpectationRecord(engine, at + engine.layout.EVENT_COPY);
  const time = engine.f64[(at + engine.layout.EVENT_TIME) >>> 3] ?? 0;
  return {
    kind,
    time,
    timeout: record.timeoutAt(time),
    changes: [],
    family: record.family,
    protocolNumber: record.protocol,
    zone: record.zone,
    helper: helpers.nameOf(record.helper),
    expectation: { tuple: record.tuple, mask: record.mask, flags: record.flags, class: record.class },
    master: readAnnouncer(engine, at, record.family),
  };
}

/** The master as it was when an expectation's event happened. */
function readAnnouncer({ u8, u32, layout }: Engine, at: number, family: "ipv4" | "ipv6"): Master {
  const [text, size] = family === "ipv6" ? [ipv6Text, 16] : [ipv4Text, 4];
  const addresses = at + layout.EVENT_ANNOUNCER;
  const port = (offset: number) => {
    const place = at + layout.EVENT_COUNTERS + offset;
    return ((u8[place] ?? 0) << 8) | (u8[place + 1] ?? 0);
  };
  const ends = { src: text(u8, addresses), dst: text(u8, addresses + size), sport: port(0), dport: port(2) };
  return { protocolNumber: u32[(at + layout.EVENT_HELPER) >>> 2] ?? 0, original: ends };
}

function readMaster(
  engine: Engine,
  { address, generation }: { address: number; generation: number },
): Master | undefined {
  if (!address || engine.u16[(address + engine.layout.FLOW_GENERATION) >>> 1] !== generation)
    return undefined;
  const record = new LivingFlowRecord(engine, address);
  return { protocolNumber: record.protocolNumber, original: record.tuple(0) };
}
