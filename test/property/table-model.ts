/** What the flow table has to do, said with a Map and arithmetic. All timeouts are the same but for TCP's CLOSE. */
import type { CtStateName, DirectionName } from "../../src/result.js";
import { type Connection, connection, type SegmentKind, type Side, tupleText } from "./connections.js";
import { ICMP, ICMPV6, TCP } from "./packet-builder.js";

export const TIMEOUT = 100;
export const CLOSE_TIMEOUT = 10;
const TICKS_PER_SECOND = 250;
const TICK_MS = 4;

/** Settings under which this model is right. */
export const MODEL_SYSCTL: Readonly<Record<string, number>> = {
  nf_conntrack_max: 0,
  nf_conntrack_tcp_loose: 0,
  ...Object.fromEntries(
    [
      ...["generic_timeout", "udp_timeout", "udp_timeout_stream", "icmp_timeout", "icmpv6_timeout"],
      ...["gre_timeout", "gre_timeout_stream", "tcp_timeout_syn_sent", "tcp_timeout_syn_recv"],
      ...["tcp_timeout_established", "tcp_timeout_max_retrans", "tcp_timeout_unacknowledged"],
    ].map((name) => [`nf_conntrack_${name}`, TIMEOUT]),
  ),
  nf_conntrack_tcp_timeout_close: CLOSE_TIMEOUT,
};

export interface ModelFlow {
  readonly connection: number;
  /** Its original tuple. */
  readonly text: string;
  readonly opener: Side;
  /** Tick at which the flow is over. */
  deadline: number;
  seenReply: boolean;
  tcp: "SYN_SENT" | "SYN_RECV" | "ESTABLISHED" | "CLOSE";
  /** Packets and bytes of the original direction, then of the reply; undefined when nobody counts. */
  readonly counters: [number, number, number, number] | undefined;
}

export interface Expected {
  readonly ctState: CtStateName;
  /** Undefined where the packet has no flow. */
  readonly direction: DirectionName | undefined;
}

/** What happens on a connection: a side sends what comes next, or an ACK out of nothing, or a TCP reset. */
export type Action = "next" | "stray" | "reset";

const INVALID: Expected = { ctState: "INVALID", direction: undefined };

export class TableModel {
  /** nf_conntrack_acct: whether new flows get counters. */
  counting = false;
  /** By number of the connection; also those that are over and have not been noticed. */
  readonly #flows = new Map<number, ModelFlow>();
  #tick = Number.NEGATIVE_INFINITY;

  /** Time that runs backwards leaves the clock alone. */
  advance(ms: number): void {
    this.#tick = Math.max(this.#tick, Math.floor(ms / TICK_MS));
  }

  find(i: number): ModelFlow | undefined {
    const flow = this.#flows.get(i);
    if (flow && flow.deadline <= this.#tick) {
      this.#flows.delete(i);
      return undefined;
    }
    return flow;
  }

  live(): ModelFlow[] {
    return [...this.#flows.keys()].map((i) => this.find(i)).filter((flow) => flow !== undefined);
  }

  /** Whole seconds. */
  left(flow: ModelFlow): number {
    return Math.floor((flow.deadline - this.#tick) / TICKS_PER_SECOND);
  }

  remove(i: number): boolean {
    const flow = this.find(i);
    this.#flows.delete(i);
    return flow !== undefined;
  }

  setTimeout(i: number, seconds: number, flow = this.find(i)): boolean {
    if (flow) flow.deadline = this.#tick + seconds * TICKS_PER_SECOND;
    return flow !== undefined;
  }

  /** Puts in a flow that is told to be in use both ways; false when there is one. */
  insert(i: number, seconds: number): boolean {
    if (this.find(i)) return false;
    const flow = this.#open(i, connection(i), 0);
    flow.seenReply = true;
    flow.tcp = "ESTABLISHED";
    return this.setTimeout(i, seconds, flow);
  }

  clear(): void {
    this.#flows.clear();
  }

  /** The packet with which a side takes the action, and what has to become of it. */
  send(i: number, side: Side, action: Action): { packet: Uint8Array; expected: Expected } {
    const known = this.find(i);
    const peers = connection(i, known ? known.opener : side);
    const segment = nextSegment(known, side, action);
    const packet = peers.packet(side, segment);
    const flow = known ?? (mayOpen(peers, side, segment) ? this.#open(i, peers, side) : undefined);
    if (!flow) return { packet, expected: INVALID };
    // A repeated SYN is not an answer, and counts for nothing.
    const refreshes = peers.protocol !== TCP || !known || segment !== "SYN";
    if (peers.protocol === TCP) this.#moveTcp(flow, side, segment);
    if (side !== flow.opener) flow.seenReply = true;
    if (refreshes) this.#refresh(flow, side, packet.length);
    const ctState = flow.seenReply ? "ESTABLISHED" : "NEW";
    return { packet, expected: { ctState, direction: side === flow.opener ? "original" : "reply" } };
  }

  #open(i: number, peers: Connection, side: Side): ModelFlow {
    const flow: ModelFlow = {
      connection: i,
      text: tupleText(peers.protocol, peers.tuple(side)),
      opener: side,
      deadline: 0,
      seenReply: false,
      tcp: "SYN_SENT",
      counters: this.counting ? [0, 0, 0, 0] : undefined,
    };
    this.#flows.set(i, flow);
    return flow;
  }

  #refresh(flow: ModelFlow, side: Side, bytes: number): void {
    flow.deadline = this.#tick + (flow.tcp === "CLOSE" ? CLOSE_TIMEOUT : TIMEOUT) * TICKS_PER_SECOND;
    if (!flow.counters) return;
    const at = side === flow.opener ? 0 : 2;
    flow.counters[at]!++;
    flow.counters[at + 1]! += bytes;
  }

  #moveTcp(flow: ModelFlow, side: Side, segment: SegmentKind): void {
    if (segment === "RST") {
      // When nobody but the opener has spoken, the reset ends the attempt at once.
      if (flow.tcp === "SYN_SENT") this.#flows.delete(flow.connection);
      flow.tcp = "CLOSE";
    } else if (segment === "SYN-ACK") {
      flow.tcp = "SYN_RECV";
    } else if (flow.tcp === "SYN_RECV" && side === flow.opener) {
      flow.tcp = "ESTABLISHED";
    }
  }
}

function mayOpen(peers: Connection, side: Side, segment: SegmentKind): boolean {
  if (peers.protocol === TCP) return segment === "SYN";
  // The second side's messages are echo replies.
  return side === 0 || (peers.protocol !== ICMP && peers.protocol !== ICMPV6);
}

function nextSegment(flow: ModelFlow | undefined, side: Side, action: Action): SegmentKind {
  if (action === "reset") return "RST";
  if (!flow) return action === "stray" ? "ACK" : "SYN";
  if (flow.tcp !== "SYN_SENT") return "ACK";
  return side === flow.opener ? "SYN" : "SYN-ACK";
}
