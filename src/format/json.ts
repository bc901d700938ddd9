/** Flows as plain objects for JSON. */
import { Status } from "../../assembly/shared/status.js";
import type { FlowInfo } from "../flow.js";

/** A copy without live properties; `undefined` ones are left out of JSON by themselves. */
export function flowJson(flow: FlowInfo) {
  return {
    family: flow.family,
    protocol: flow.protocol,
    protocolNumber: flow.protocolNumber,
    state: flow.state,
    timeout: flow.timeout,
    original: flow.original,
    reply: flow.reply,
    seenReply: (flow.status & Status.SEEN_REPLY) !== 0,
    assured: (flow.status & Status.ASSURED) !== 0,
    status: flow.status,
    mark: flow.mark,
    zone: flow.zone,
    labels: flow.labels,
    counters: flow.counters,
    start: flow.start,
    id: flow.id,
  };
}
