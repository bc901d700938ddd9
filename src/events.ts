/** What happened to flows, as conntrack -E tells it. */
import { EventBit, EventKind } from "../assembly/shared/event.js";
import type { Engine } from "./engine/engine.js";
import { FlowRecord } from "./engine/flow-record.js";
import type { FlowInfo } from "./flow.js";
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
export interface ConntrackEvent extends Omit<FlowInfo, "use"> {
  readonly kind: "NEW" | "UPDATE" | "DESTROY";
  /** Milliseconds on the caller's clock. */
  readonly time: number;
  /** What one packet changed, merged into one event, under the names of `CT --ctevents`. */
  readonly changes: readonly EventChange[];
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

const KINDS = { [EventKind.NEW]: "NEW", [EventKind.UPDATE]: "UPDATE", [EventKind.DESTROY]: "DESTROY" } as const;

/** Takes all events out of the engine's ring, oldest first. */
export function drainEvents(engine: Engine): ConntrackEvent[] {
  const events: ConntrackEvent[] = [];
  for (let at = engine.call.firstEvent() >>> 0; at; at = engine.call.firstEvent() >>> 0) {
    events.push(readEvent(engine, at));
    engine.call.dropFirstEvent();
  }
  return events;
}

function readEvent(engine: Engine, at: number): ConntrackEvent {
  const { layout, u16, u32, f64 } = engine;
  const copy = at + layout.EVENT_COPY;
  const kind = (u16[(at + layout.EVENT_KIND) >>> 1] ?? 0) as EventKind;
  const bits = u16[(at + layout.EVENT_CHANGES) >>> 1] ?? 0;
  const home = u32[(at + layout.EVENT_FLOW) >>> 2] ?? 0;
  const counted = (engine.u8[copy + layout.FLOW_KIND] ?? 0) & layout.FLOW_KIND_COUNTERS;
  const record = new FlowRecord(engine, copy, home, counted ? at + layout.EVENT_COUNTERS : 0, f64[(at + layout.EVENT_START) >>> 3] ?? 0);
  return {
    kind: KINDS[kind],
    time: f64[(at + layout.EVENT_TIME) >>> 3] ?? 0,
    changes: CHANGES.filter(([bit]) => bits & bit).map(([, name]) => name),
    id: record.id,
    family: record.ipv6 ? "ipv6" : "ipv4",
    protocol: nameOfProtocol(record.protocol),
    protocolNumber: record.protocol,
    original: record.tuple(0),
    reply: record.tuple(1),
    state: record.state,
    timeout: u32[(at + layout.EVENT_TIMEOUT) >>> 2] ?? 0,
    status: record.status,
    mark: record.mark,
    zone: record.zone,
    counters: record.counters,
    start: record.start,
    deltaTime: record.deltaTime,
    tcp: record.tcp,
    sctp: record.sctp,
    gre: record.gre,
  };
}
