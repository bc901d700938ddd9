/** One packet in one line, for people. */
import type { FirewallResult, TrackResult } from "../index.js";
import { type Dissection, dissect } from "../packet/index.js";

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  47: "gre",
  58: "icmpv6",
  132: "sctp",
  136: "udplite",
};

/** Number, time since the first packet, what it is, what became of it and why. */
export function packetLine(
  number: number,
  sinceFirst: number,
  packet: Uint8Array,
  link: number,
  result: TrackResult,
): string {
  const what = packetText(dissect(packet, link));
  const why = result.reason === undefined ? "" : `  ${result.reason}: ${whyOf(result)}`;
  return `${number}  +${(sinceFirst / 1000).toFixed(6)}  ${outcome(result)}  ${what}${why}`;
}

/** The reason in words; for what a rule has refused that rule. "" when there is none. */
export function whyOf(result: TrackResult | FirewallResult): string {
  const rule = "rule" in result && result.verdict !== "ACCEPT" ? result.rule : undefined;
  return rule ? `${rule.text} (${rule.table} ${rule.chain} ${rule.number || "policy"})` : result.explain();
}

/** ct state and direction, or the verdict of what never got that far. */
export function outcome(result: TrackResult): string {
  if (result.verdict !== "ACCEPT") return result.verdict;
  return result.direction ? `${result.ctState}/${result.direction}` : result.ctState;
}

/** Protocol, both ends and what the transport header says. */
export function packetText(packet: Dissection | undefined): string {
  if (!packet) return "not an IP packet";
  const { src, dst, sport, dport, protocol, fragment } = packet;
  const from = sport === undefined ? src : end(src, sport);
  const to = dport === undefined ? dst : end(dst, dport);
  const name = PROTOCOLS[protocol] ?? `protocol ${protocol}`;
  const part = fragment ? ` fragment ${fragment.offset}${fragment.more ? "+" : ""}` : "";
  const said = transportText(packet);
  return `${name} ${from} > ${to}${part}${said === "" ? "" : ` ${said}`}`;
}

/** What the transport header says, and how much payload there is. */
export function transportText({ tcp, icmp, sctp, at }: Dissection): string {
  const length = Math.max(0, at.end - at.payload);
  if (tcp) {
    const payload = length > 0 ? ` len ${length}` : "";
    const ack = tcp.flags.includes("ACK") ? ` ack ${tcp.ack}` : "";
    return `${tcp.flags.join("+") || "no flags"} seq ${tcp.seq}${ack} win ${tcp.window}${payload}`;
  }
  if (icmp) return `type ${icmp.type} code ${icmp.code} id ${icmp.icmpId}`;
  if (sctp) return `chunks ${sctp.chunks.join(",")} tag 0x${sctp.tag.toString(16).padStart(8, "0")}`;
  return length > 0 ? `len ${length}` : "";
}

function end(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
