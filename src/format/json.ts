/** Flows, events and expectations as plain objects for JSON: docs/schema says what is in them. */
import { Status } from "../../assembly/shared/status.js";
import { addressText } from "../address.js";
import type { FlowTuple } from "../flow.js";
import type { ListedExpectationEvent } from "./conntrack-expect.js";
import type { ListedEvent } from "./listed-flow.js";
import type { PrintedFlow, PrintedTuple } from "./printed-flow.js";

/** A copy without live properties; `undefined` ones are left out of JSON by themselves. */
export function flowJson(flow: Omit<PrintedFlow, "use"> & { readonly end?: number | undefined }) {
  return {
    family: flow.family,
    protocol: flow.protocol,
    protocolNumber: flow.protocolNumber,
    state: flow.state,
    timeout: flow.timeout,
    original: tupleJson(flow.original),
    reply: tupleJson(flow.reply),
    seenReply: (flow.status & Status.SEEN_REPLY) !== 0,
    assured: (flow.status & Status.ASSURED) !== 0,
    status: flow.status,
    mark: flow.mark,
    zone: flow.zone,
    zoneDirection: flow.zoneDirection,
    labels: flow.labels,
    helper: flow.helper,
    counters: flow.counters,
    tcp: flow.tcp,
    sctp: flow.sctp,
    gre: flow.gre,
    start: flow.start,
    end: flow.end,
    id: flow.id,
  };
}

function tupleJson(tuple: PrintedTuple): FlowTuple {
  if (hasText(tuple)) return tuple;
  const { sport, dport, type, code, icmpId, srckey, dstkey } = tuple;
  const src = addressText(tuple.src);
  const dst = addressText(tuple.dst);
  // Not one object for all: what is undefined takes its time, too.
  if (sport !== undefined) return { src, dst, sport, dport };
  if (type !== undefined) return { src, dst, type, code, icmpId };
  return srckey === undefined ? { src, dst } : { src, dst, srckey, dstkey };
}

function hasText(tuple: PrintedTuple): tuple is FlowTuple {
  return typeof tuple.src === "string" && typeof tuple.dst === "string";
}

/** What happened, and the flow as it was then. */
export function eventJson(event: ListedEvent) {
  return { event: event.kind, time: event.time, changes: event.changes, ...flowJson(event) };
}

export function expectationEventJson(event: ListedExpectationEvent) {
  const { kind, time, family, protocolNumber, zone, timeout, helper, master, expectation } = event;
  return {
    event: kind,
    time,
    family,
    protocolNumber,
    zone,
    timeout,
    helper,
    master: { original: master.original },
    ...expectation,
  };
}
