/** What a packet's headers say, for people to read. Tracking has a reader of its own. */
import { LinkType } from "../../assembly/shared/link-type.js";
import { ExtensionHeader, Protocol } from "../../assembly/shared/protocol.js";
import { viewOf } from "./fields.js";
import { addressText } from "./ip.js";
import { TCP_FLAGS, type TcpFlagName } from "./tcp.js";

export interface Dissection {
  readonly family: "ipv4" | "ipv6";
  readonly src: string;
  readonly dst: string;
  /** Of the last header that could be read. */
  readonly protocol: number;
  readonly ttl: number;
  /** Where the IP header, the transport header and its payload begin; the end is that of the IP packet. */
  readonly at: {
    readonly ip: number;
    readonly transport: number;
    readonly payload: number;
    readonly end: number;
  };
  /** Of fragments: bytes in front of this one's, and whether others follow. */
  readonly fragment: { readonly offset: number; readonly more: boolean } | undefined;
  readonly sport?: number;
  readonly dport?: number;
  readonly tcp?: {
    readonly flags: readonly TcpFlagName[];
    readonly seq: number;
    readonly ack: number;
    /** As it is in the header, not scaled. */
    readonly window: number;
    readonly mss?: number;
    readonly windowScale?: number;
  };
  readonly icmp?: {
    readonly type: number;
    readonly code: number;
    /** Bytes 4 and 5, and 6 and 7: identifier and sequence number of queries. */
    readonly icmpId: number;
    readonly sequence: number;
  };
  /** Types of the chunks. */
  readonly sctp?: { readonly tag: number; readonly chunks: readonly number[] };
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_PPPOE = 0x8864;
const VLAN_TAGS = [0x8100, 0x88a8, 0x9100];
/** Extension headers that may precede IPv6's transport header (RFC 8200, RFC 4302). */
const EXTENSIONS: readonly number[] = [
  ExtensionHeader.HOP_BY_HOP,
  ExtensionHeader.ROUTING,
  ExtensionHeader.DESTINATION,
  Protocol.AH,
];
const MOST_EXTENSIONS = 16;

/** Undefined for what is no IP packet, or is cut off within its IP header. */
export function dissect(packet: Uint8Array, link: LinkType = LinkType.RAW): Dissection | undefined {
  const ip = ipHeaderAt(packet, link);
  const version = ip === undefined ? 0 : (packet[ip] ?? 0) >> 4;
  if (ip === undefined || (version !== 4 && version !== 6)) return undefined;
  return version === 4 ? dissect4(packet, ip) : dissect6(packet, ip);
}

/** Where the IP header of a captured packet begins; undefined where there is none. */
export function ipHeaderAt(packet: Uint8Array, link: LinkType): number | undefined {
  const view = viewOf(packet);
  switch (link) {
    case LinkType.RAW:
    case LinkType.RAW_BSD:
    case LinkType.RAW_OPENBSD:
    case LinkType.IPV4:
    case LinkType.IPV6:
      return 0;
    case LinkType.NULL:
    case LinkType.LOOP:
      return 4;
    case LinkType.PPP:
    case LinkType.PPP_HDLC:
      return ppp(packet, 0);
    case LinkType.PPP_ETHER:
      return ppp(packet, 6);
    case LinkType.ETHERNET:
      return etherType(view, 12);
    case LinkType.LINUX_SLL:
      return etherType(view, 14);
    case LinkType.LINUX_SLL2:
      return packet.length < 20 ? undefined : etherType(view, 0, 20);
  }
}

/** `at`: where the type is; `next`: where its header ends. */
function etherType(view: DataView, at: number, next = at + 2): number | undefined {
  if (view.byteLength < next) return undefined;
  let type = view.getUint16(at);
  let end = next;
  while (VLAN_TAGS.includes(type)) {
    end += 4;
    if (view.byteLength < end) return undefined;
    type = view.getUint16(end - 2);
  }
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return end;
  if (type !== ETHERTYPE_PPPOE) return undefined;
  return ppp(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), end + 6);
}

function ppp(packet: Uint8Array, at: number): number {
  const start = packet[at] === 0xff && packet[at + 1] === 0x03 ? at + 2 : at;
  // An odd first byte is a protocol number in one byte.
  return start + ((packet[start] ?? 0) & 1 ? 1 : 2);
}

function dissect4(packet: Uint8Array, ip: number): Dissection | undefined {
  const view = viewOf(packet);
  const transport = ip + ((packet[ip] ?? 0) & 15) * 4;
  if (packet.length < Math.max(transport, ip + 20)) return undefined;
  const word = view.getUint16(ip + 6);
  const offset = (word & 0x1fff) * 8;
  const more = (word & 0x2000) !== 0;
  const end = Math.max(transport, Math.min(packet.length, ip + view.getUint16(ip + 2)));
  return {
    family: "ipv4",
    src: addressText(packet.subarray(ip + 12, ip + 16)),
    dst: addressText(packet.subarray(ip + 16, ip + 20)),
    ttl: view.getUint8(ip + 8),
    fragment: offset || more ? { offset, more } : undefined,
    ...transportOf(packet, view.getUint8(ip + 9), ip, transport, end, offset > 0),
  };
}

function dissect6(packet: Uint8Array, ip: number): Dissection | undefined {
  if (packet.length < ip + 40) return undefined;
  const view = viewOf(packet);
  const end = Math.min(packet.length, ip + 40 + view.getUint16(ip + 4));
  let protocol = view.getUint8(ip + 6);
  let at = ip + 40;
  let fragment: Dissection["fragment"];
  for (let i = 0; i < MOST_EXTENSIONS && at + 8 <= end; i++) {
    if (protocol === ExtensionHeader.FRAGMENT) {
      const word = view.getUint16(at + 2);
      fragment = { offset: word & 0xfff8, more: (word & 1) !== 0 };
    } else if (!EXTENSIONS.includes(protocol)) break;
    if (fragment && fragment.offset > 0 && protocol !== ExtensionHeader.FRAGMENT) break;
    const length = view.getUint8(at + 1);
    const size =
      protocol === ExtensionHeader.FRAGMENT
        ? 8
        : protocol === Protocol.AH
          ? (length + 2) * 4
          : (length + 1) * 8;
    protocol = view.getUint8(at);
    at += size;
  }
  const addresses = packet.subarray(ip + 8, ip + 40);
  return {
    family: "ipv6",
    src: addressText(addresses.subarray(0, 16)),
    dst: addressText(addresses.subarray(16)),
    ttl: view.getUint8(ip + 7),
    fragment,
    ...transportOf(
      packet,
      protocol,
      ip,
      Math.min(at, end),
      end,
      fragment !== undefined && fragment.offset > 0,
    ),
  };
}

type Transport = Pick<Dissection, "protocol" | "at" | "sport" | "dport" | "tcp" | "icmp" | "sctp">;

function transportOf(
  packet: Uint8Array,
  protocol: number,
  ip: number,
  transport: number,
  end: number,
  later: boolean,
): Transport {
  const view = viewOf(packet);
  const bare = (payload: number) => ({ protocol, at: { ip, transport, payload, end } });
  const room = end - transport;
  if (later || room < 4) return bare(transport);
  const ports = () => ({ sport: view.getUint16(transport), dport: view.getUint16(transport + 2) });
  switch (protocol) {
    case Protocol.TCP:
      if (room < 20) return { ...bare(end), ...ports() };
      return {
        ...bare(Math.min(end, transport + (view.getUint8(transport + 12) >> 4) * 4)),
        ...ports(),
        tcp: tcpOf(packet, transport, end),
      };
    case Protocol.UDP:
    case Protocol.UDPLITE:
      return { ...bare(Math.min(end, transport + 8)), ...ports() };
    case Protocol.SCTP:
      if (room < 12) return { ...bare(end), ...ports() };
      return {
        ...bare(transport + 12),
        ...ports(),
        sctp: { tag: view.getUint32(transport + 4), chunks: chunksOf(view, transport + 12, end) },
      };
    case Protocol.ICMP:
    case Protocol.ICMPV6:
      if (room < 8) return bare(end);
      return {
        ...bare(transport + 8),
        icmp: {
          type: view.getUint8(transport),
          code: view.getUint8(transport + 1),
          icmpId: view.getUint16(transport + 4),
          sequence: view.getUint16(transport + 6),
        },
      };
    default:
      return bare(transport);
  }
}

function tcpOf(packet: Uint8Array, at: number, end: number): NonNullable<Dissection["tcp"]> {
  const view = viewOf(packet);
  const flags = view.getUint8(at + 13);
  const options: { mss?: number; windowScale?: number } = {};
  const last = Math.min(end, at + (view.getUint8(at + 12) >> 4) * 4);
  for (let option = at + 20; option + 1 < last; ) {
    const kind = packet[option] as number;
    if (kind === 0) break;
    const length = kind === 1 ? 1 : (packet[option + 1] as number);
    if (length < 1 || (kind !== 1 && length < 2)) break;
    if (kind === 2 && length === 4 && option + 4 <= last) options.mss = view.getUint16(option + 2);
    if (kind === 3 && length === 3 && option + 3 <= last) options.windowScale = packet[option + 2] as number;
    option += length;
  }
  return {
    flags: TCP_FLAGS.filter((_, bit) => flags & (1 << bit)),
    seq: view.getUint32(at + 4),
    ack: view.getUint32(at + 8),
    window: view.getUint16(at + 14),
    ...options,
  };
}

function chunksOf(view: DataView, from: number, end: number): number[] {
  const chunks: number[] = [];
  for (let at = from; at + 4 <= end; ) {
    chunks.push(view.getUint8(at));
    at += Math.max(4, (view.getUint16(at + 2) + 3) & ~3);
  }
  return chunks;
}
