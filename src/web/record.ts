/** What the page shows of a packet and of the flow that it belongs to. */
import type { FirewallResult, Flow, TrackResult } from "../index.js";
import type { Dissection } from "../packet/index.js";
import type { FlowMoment, PacketRecord } from "./model.js";

export function recordOf(
  result: TrackResult,
  packet: Dissection | undefined,
  number: number,
  time: number,
  flow: Flow | undefined,
): PacketRecord {
  return {
    number,
    time,
    direction: result.direction,
    ctState: result.ctState,
    verdict: result.verdict,
    reason: result.reason,
    explanation: result.explain(),
    src: packet ? endText(packet.src, packet.sport) : "",
    dst: packet ? endText(packet.dst, packet.dport) : "",
    kind: packet ? kindOf(packet) : "not IP",
    seq: packet?.tcp?.seq,
    ack: packet?.tcp?.flags.includes("ACK") ? packet.tcp.ack : undefined,
    window: packet?.tcp?.window,
    length: packet ? packet.at.end - packet.at.payload : 0,
    after: flow?.alive ? momentOf(flow) : undefined,
    rule: ruleOf(result),
    out: metRules(result) ? result.out : undefined,
  };
}

function metRules(result: TrackResult): result is FirewallResult {
  return "path" in result;
}

function ruleOf(result: TrackResult): string | undefined {
  if (!metRules(result) || !result.rule) return undefined;
  const { table, chain, number, text } = result.rule;
  return number === 0 ? `${table} ${chain}: policy` : `${table} ${chain} ${number}: ${text}`;
}

export function momentOf(flow: Flow): FlowMoment {
  const { timeout, seenReply, assured } = flow;
  const state = flow.state ?? (assured ? "ASSURED" : seenReply ? "REPLIED" : "UNREPLIED");
  return { state, timeout, seenReply, assured, line: flow.line() };
}

export function endText(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  6: "TCP",
  17: "UDP",
  47: "GRE",
  50: "ESP",
  51: "AH",
  58: "ICMPv6",
  132: "SCTP",
  136: "UDP-Lite",
};

/** Names of RFC 9260 section 3.2, by number. */
const CHUNK_NAMES: Readonly<Record<number, string>> = {
  0: "DATA",
  1: "INIT",
  2: "INIT ACK",
  3: "SACK",
  4: "HEARTBEAT",
  5: "HEARTBEAT ACK",
  6: "ABORT",
  7: "SHUTDOWN",
  8: "SHUTDOWN ACK",
  9: "ERROR",
  10: "COOKIE ECHO",
  11: "COOKIE ACK",
  14: "SHUTDOWN COMPLETE",
};

const ICMP_NAMES: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp",
  14: "timestamp reply",
};

const ICMP6_NAMES: Readonly<Record<number, string>> = {
  1: "unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbour solicitation",
  136: "neighbour advertisement",
};

export function kindOf({ tcp, icmp, sctp, fragment, protocol, family }: Dissection): string {
  const name = PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`;
  if (fragment) return `${name} fragment at ${fragment.offset}${fragment.more ? "" : ", last"}`;
  if (tcp) return tcp.flags.filter((flag) => flag !== "PSH" || tcp.flags.length < 3).join(" ") || "no flags";
  if (icmp) {
    const names = family === "ipv4" ? ICMP_NAMES : ICMP6_NAMES;
    return names[icmp.type] ?? `${name} type ${icmp.type}`;
  }
  if (sctp) return sctp.chunks.map((type) => CHUNK_NAMES[type] ?? `chunk ${type}`).join(", ") || name;
  return name;
}
