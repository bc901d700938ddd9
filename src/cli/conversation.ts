/** The packets between two ends, and what became of them and of their flow. */
import type { FirewallResult, FlowInfo, RuleVisit, TrackResult } from "../index.js";
import type { Dissection } from "../packet/index.js";
import { whyOf } from "./packet-line.js";

export interface Sides {
  readonly protocol: number;
  /** The end whose packet came first, and the other one. */
  readonly left: string;
  readonly right: string;
}

export interface Packet {
  readonly number: number;
  /** Milliseconds since the first packet of all. */
  readonly time: number;
  readonly dissection: Dissection;
  readonly result: TrackResult | FirewallResult;
}

type FlowCopy = Pick<FlowInfo, "id" | "state" | "timeout" | "status" | "mark" | "tcp" | "sctp">;

/** One packet and what it led to. */
export interface Exchange extends Omit<Packet, "result"> {
  /** From the left side to the right one. */
  readonly forth: boolean;
  readonly ctState: TrackResult["ctState"];
  readonly direction: TrackResult["direction"];
  readonly verdict: TrackResult["verdict"];
  readonly reason: TrackResult["reason"];
  /** The reason in words, "" for none. */
  readonly why: string;
  /** What rules found of the packet, where that was asked for. */
  readonly rules: readonly RuleVisit[];
  /** The same in words; "" for nothing. */
  readonly rulesText: string;
  /** INVALID or dropped. */
  readonly isRefused: boolean;
  /** The flow after the packet; undefined when it has none. */
  readonly flow: FlowCopy | undefined;
  /** The flow before the packet, as the packet before it left it. */
  readonly before: FlowCopy | undefined;
}

/** The same for both directions: fragments and ICMP errors have addresses only. */
export function keyOf({ protocol, src, dst, sport, dport }: Dissection): string {
  const ends = [end(src, sport), end(dst, dport)].sort();
  return `${protocol} ${ends.join(" ")}`;
}

export function sidesOf({ protocol, src, dst, sport, dport }: Dissection): Sides {
  return { protocol, left: end(src, sport), right: end(dst, dport) };
}

function end(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

export class Conversation {
  readonly sides: Sides;
  readonly exchanges: Exchange[] = [];
  /** Packets that were not kept. */
  left = 0;
  readonly #most: number;
  #flow: FlowCopy | undefined;

  /** `most`: exchanges to keep; the last one always is. */
  constructor(sides: Sides, most: number) {
    this.sides = sides;
    this.#most = most;
  }

  get last(): Exchange | undefined {
    return this.exchanges.at(-1);
  }

  add({ number, time, dissection, result }: Packet): void {
    const { ctState, direction, verdict, reason } = result;
    const flow = copyOf(result);
    const exchange: Exchange = {
      number,
      time,
      dissection,
      forth: end(dissection.src, dissection.sport) === this.sides.left,
      ctState,
      direction,
      verdict,
      reason,
      why: whyOf(result),
      rules: "rules" in result ? result.rules : [],
      rulesText: "rules" in result ? result.explainRules() : "",
      isRefused:
        verdict === "DROP" || verdict === "REJECT" || (verdict === "ACCEPT" && ctState === "INVALID"),
      flow,
      before: this.#flow,
    };
    // A packet without a flow leaves that of the others alone.
    this.#flow = flow ?? this.#flow;
    if (this.exchanges.length === this.#most) {
      this.exchanges.pop();
      this.left++;
    }
    this.exchanges.push(exchange);
  }

  toJSON() {
    const exchanges = this.exchanges.map(({ dissection, before, rules, rulesText: _, ...rest }) => {
      const { at, ...packet } = dissection;
      const asked = rules.length > 0 && { rules };
      return { ...rest, ...asked, packet: { ...packet, payloadBytes: Math.max(0, at.end - at.payload) } };
    });
    return { ...this.sides, exchanges, left: this.left };
  }
}

function copyOf({ flow }: TrackResult): FlowCopy | undefined {
  if (!flow) return undefined;
  const { id, state, timeout, status, mark, tcp, sctp } = flow;
  return { id, state, timeout, status, mark, tcp, sctp };
}
