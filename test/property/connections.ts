/**
 * Connections by number: any two differ, and together they mix both families, protocols with ports, with ids and
 * with neither. Each has two sides, and either may speak first where the protocol lets it.
 */
import type { FlowTuple } from "../../src/flow.js";
import {
  ACK,
  type Address,
  GRE,
  grePacket,
  ICMP,
  ICMPV6,
  icmpPacket,
  ipPacket,
  OSPF,
  RST,
  SYN,
  TCP,
  tcpPacket,
  UDP,
  udpPacket,
} from "./packet-builder.js";

export type Side = 0 | 1;
/** What a TCP packet is; other protocols have only one kind of packet. */
export type SegmentKind = "SYN" | "SYN-ACK" | "ACK" | "RST";

export interface Connection {
  readonly protocol: number;
  readonly ipv6: boolean;
  /** The original tuple of the flow that `side` opens. */
  tuple(side: Side): FlowTuple;
  /** A packet that `side` sends. */
  packet(side: Side, segment?: SegmentKind): Uint8Array;
}

const KINDS: readonly (readonly [protocol: number, ipv6: boolean])[] = [
  [TCP, false],
  [UDP, false],
  [TCP, true],
  [UDP, true],
  [ICMP, false],
  [ICMPV6, true],
  [GRE, false],
  [OSPF, false],
  [OSPF, true],
];

/** The first side to speak counts its octets from 1000, the other one from 5000; nobody sends data. */
const FIRST = { opener: 1000, other: 5000 };

/** `opener`: the side that sent the SYN. */
function segmentFields(side: Side, opener: Side, segment: SegmentKind) {
  const mine = side === opener ? FIRST.opener : FIRST.other;
  const its = side === opener ? FIRST.other : FIRST.opener;
  switch (segment) {
    case "SYN":
      return { flags: SYN, seq: mine };
    case "SYN-ACK":
      return { flags: SYN | ACK, seq: mine, ack: its + 1 };
    case "ACK":
      return { flags: ACK, seq: mine + 1, ack: its + 1 };
    case "RST":
      // Who gives up waiting for an answer has nothing to acknowledge.
      return side === opener
        ? { flags: RST, seq: mine + 1 }
        : { flags: RST | ACK, seq: mine + 1, ack: its + 1 };
  }
}

export function connection(i: number, opener: Side = 0): Connection {
  const [protocol, ipv6] = KINDS[i % KINDS.length]!;
  const n = Math.floor(i / KINDS.length);
  const texts = ipv6
    ? [
        `2001:db8:1:2:3:4:${(1 + (n >>> 15)).toString(16)}:${(1 + (n & 0x7fff)).toString(16)}`,
        "2001:db8:9:8:7:6:5:4",
      ]
    : [`10.${n >>> 16}.${(n >>> 8) & 255}.${n & 255}`, "192.0.2.80"];
  const ends: readonly Address[] = texts.map(addressBytes);
  const ports = [1024 + (n % 50000), 443];
  const id = n & 0xffff;

  const tuple = (side: Side): FlowTuple => {
    const addresses = { src: texts[side]!, dst: texts[1 - side]! };
    if (protocol === TCP || protocol === UDP)
      return { ...addresses, sport: ports[side]!, dport: ports[1 - side]! };
    if (protocol === GRE) return { ...addresses, srckey: 0, dstkey: 0 };
    if (protocol === OSPF) return addresses;
    return { ...addresses, type: ipv6 ? 128 : 8, code: 0, icmpId: id };
  };

  const packet = (side: Side, segment: SegmentKind = "SYN"): Uint8Array => {
    const src = ends[side]!;
    const dst = ends[1 - side]!;
    const [sport, dport] = [ports[side]!, ports[1 - side]!];
    switch (protocol) {
      case TCP:
        return tcpPacket(src, dst, { sport, dport, ...segmentFields(side, opener, segment) });
      case UDP:
        return udpPacket(src, dst, sport, dport);
      case GRE:
        return grePacket(src, dst);
      case OSPF:
        return ipPacket(src, dst, OSPF, [2, 1, 0, 4]);
      case ICMP:
        return icmpPacket(src, dst, side === 0 ? 8 : 0, 0, id << 16);
      default:
        return icmpPacket(src, dst, side === 0 ? 128 : 129, 0, id << 16);
    }
  };
  return { protocol, ipv6, tuple, packet };
}

function addressBytes(text: string): Address {
  if (!text.includes(":")) return text.split(".").map(Number);
  return text.split(":").flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 255];
  });
}

/** A flow's original tuple as one string, to compare and to look up. */
export function tupleText(protocol: number, tuple: FlowTuple): string {
  const { src, dst, sport, dport, type, code, icmpId, srckey, dstkey } = tuple;
  return [protocol, src, dst, sport, dport, type, code, icmpId, srckey, dstkey].join(" ");
}
