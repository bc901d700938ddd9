/** Valid packets of every kind that the engine tells apart, and all link layers to put in front of them. */
import { LinkType } from "../../assembly/shared/link-type.js";
import {
  ACK,
  type Address,
  FIN,
  grePacket,
  icmpPacket,
  ipPacket,
  OSPF,
  PSH,
  pptpPacket,
  RST,
  SYN,
  sctpPacket,
  TCP,
  tcpPacket,
  UDP,
  udpLitePacket,
  udpPacket,
} from "../property/packet-builder.js";

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const ESP = 50;
const AUTHENTICATION = 51;
const DESTINATION = 60;

/** Clients of which each has one of everything. */
const CLIENTS = 8;

/** Client and server of both families. */
function endsOf(client: number): readonly (readonly [Address, Address])[] {
  return [
    [
      [10, client, 0, 1],
      [192, 0, 2, 80],
    ],
    [
      [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, client, 0x10],
      [0x20, 0x01, 0x0d, 0xb8, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80],
    ],
  ];
}

/** MSS, SACK permitted, timestamps, NOP, window scale. */
const SYN_OPTIONS = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
/** NOP, NOP, SACK with one block. */
const SACK_OPTION = [1, 1, 5, 10, 0, 0, 0x13, 0xa0, 0, 0, 0x14, 0x00];

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
/** What makes an FTP and a TFTP helper expect another connection. */
const COMMAND = ascii("PORT 10,0,0,1,200,10\r\n");
const READ_REQUEST = [0, 1, ...ascii("file\0octet\0")];

/** A whole connection of a client port, from SYN to the last ACK, and a reset. */
function connection(a: Address, b: Address, port: number): Uint8Array[] {
  const there = (flags: number, seq: number, ack: number, more = {}) =>
    tcpPacket(a, b, { sport: port, dport: 443, flags, seq, ack, ...more });
  const back = (flags: number, seq: number, ack: number, more = {}) =>
    tcpPacket(b, a, { sport: 443, dport: port, flags, seq, ack, ...more });
  const next = 1001 + COMMAND.length;
  return [
    there(SYN, 1000, 0, { options: SYN_OPTIONS }),
    back(SYN | ACK, 5000, 1001, { options: SYN_OPTIONS }),
    there(ACK, 1001, 5001),
    there(PSH | ACK, 1001, 5001, { data: COMMAND }),
    back(ACK, 5001, next, { options: SACK_OPTION }),
    back(FIN | ACK, 5001, next),
    there(FIN | ACK, next, 5002),
    back(ACK, 5002, next + 1),
    there(RST, next, 0),
    back(RST | ACK, 5002, next + 1),
  ];
}

/** Errors, and what else quotes a packet. */
function errors(a: Address, b: Address, quoted: Uint8Array): Uint8Array[] {
  const start = quoted.subarray(0, a.length === 16 ? 96 : 28);
  if (a.length === 4) {
    return [3, 4, 5, 11, 12].map((type) => icmpPacket(b, a, type, 0, 0x05140000, start));
  }
  const target = [...a, ...b];
  const option = [4, Math.ceil((8 + start.length) / 8), 0, 0, 0, 0, 0, 0, ...start];
  return [
    ...[1, 2, 3, 4].map((type) => icmpPacket(b, a, type, 0, 1280, start)),
    icmpPacket([0xfe, 0x80, ...b.slice(2)], a, 137, 0, 0, [...target, ...option]),
    ...[130, 133, 135, 143].map((type) => icmpPacket(a, b, type, 0, 0, target.slice(0, 16))),
  ];
}

/** `payload` of `protocol` behind extension headers, each given as type and bytes without the next-header field. */
function extended(
  [a, b]: readonly [Address, Address],
  headers: readonly (readonly [number, readonly number[]])[],
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const bytes = headers.flatMap(([, rest], i) => [headers[i + 1]?.[0] ?? protocol, ...rest]);
  return ipPacket(a, b, headers[0]?.[0] ?? protocol, [...bytes, ...payload]);
}

const PADDING = [0, 1, 4, 0, 0, 0, 0];

function withHeaders(ends: readonly [Address, Address], whole: Uint8Array, protocol: number): Uint8Array[] {
  const payload = whole.subarray(40);
  return [
    extended(ends, [[HOP_BY_HOP, PADDING]], protocol, payload),
    extended(ends, [[HOP_BY_HOP, [0, 5, 2, 0, 0, 1, 0]]], protocol, payload),
    extended(ends, [[DESTINATION, PADDING]], protocol, payload),
    extended(ends, [[ROUTING, [0, 3, 0, 0, 0, 0, 0]]], protocol, payload),
    extended(ends, [[AUTHENTICATION, [1, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1]]], protocol, payload),
    extended(
      ends,
      [
        [HOP_BY_HOP, PADDING],
        [DESTINATION, PADDING],
        [ROUTING, [0, 3, 0, 0, 0, 0, 0]],
        [FRAGMENT, [0, 0, 0, 0, 0, 0, 7]],
      ],
      protocol,
      payload,
    ),
    extended(ends, [[FRAGMENT, [0, 0, 1, 0, 0, 0, 7]]], protocol, payload),
    extended(ends, [[FRAGMENT, [0, 5, 0xa8, 0, 0, 0, 7]]], protocol, payload),
  ];
}

/** The packet as an IPv4 fragment with this offset word; the header checksum is set right. */
function fragment(packet: Uint8Array, word: number): Uint8Array {
  const bytes = packet.slice();
  // The checksum goes down by what the word goes up, in one's complement.
  const old = (bytes[6]! << 8) | bytes[7]!;
  const checksum = (bytes[10]! << 8) | bytes[11]!;
  let sum = (~checksum & 0xffff) + (~old & 0xffff) + word;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  bytes.set([word >>> 8, word & 255], 6);
  bytes.set([sum >>> 8, sum & 255], 10);
  return bytes;
}

/** IP packets. */
export function ipCorpus(): Uint8Array[] {
  return Array.from({ length: CLIENTS }, (_, client) => endsOf(client))
    .flat()
    .flatMap((ends) => {
      const [a, b] = ends;
      const six = a.length === 16;
      const tcp = [40_000, 40_001, 40_002].flatMap((port) => connection(a, b, port));
      const udp = [udpPacket(a, b, 5353, 53, READ_REQUEST), udpPacket(b, a, 53, 5353, [1, 2, 3, 4])];
      const queries = six ? [128, 129, 139, 140] : [8, 0, 13, 14, 15, 16, 17, 18];
      const echoes = queries.map((type) =>
        icmpPacket(type & 1 ? b : a, type & 1 ? a : b, type, 0, 0x00070001, [1, 2]),
      );
      const others = [
        grePacket(a, b),
        pptpPacket(a, b, 99),
        pptpPacket(b, a, 77),
        udpLitePacket(a, b, 7, 9),
        ipPacket(a, b, OSPF, [2, 1, 0, 4]),
        ipPacket(a, b, ESP, [0, 0, 1, 0, 0, 0, 0, 1]),
        ...[1, 2, 10, 11, 0, 3, 4, 5, 7, 8, 14, 6].map((chunk, i) =>
          i & 1 ? sctpPacket(b, a, 9, 5000, chunk, 1) : sctpPacket(a, b, 5000, 9, chunk, i ? 2 : 0),
        ),
      ];
      const pieces = six
        ? [...withHeaders(ends, tcp[0]!, TCP), ...withHeaders(ends, udp[0]!, UDP)]
        : [0x2000, 0x0005, 0x2005].map((word) => fragment(udp[0]!, word));
      return [
        ...tcp,
        ...udp,
        ...echoes,
        ...errors(a, b, tcp[0]!),
        ...errors(a, b, udp[0]!),
        ...others,
        ...pieces,
      ];
    });
}

type Framing = (six: boolean) => readonly number[];

const MAC = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
const etherType: Framing = (six) => (six ? [0x86, 0xdd] : [0x08, 0x00]);
const pppType: Framing = (six) => [0x00, six ? 0x57 : 0x21];
const cooked = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];

/** What precedes an IP packet, for each link type that the engine knows. */
export const FRAMINGS: readonly (readonly [LinkType, Framing])[] = [
  [LinkType.RAW, () => []],
  [LinkType.RAW_BSD, () => []],
  [LinkType.RAW_OPENBSD, () => []],
  [LinkType.IPV4, () => []],
  [LinkType.IPV6, () => []],
  [LinkType.NULL, (six) => [six ? 30 : 2, 0, 0, 0]],
  [LinkType.LOOP, (six) => [0, 0, 0, six ? 24 : 2]],
  [LinkType.ETHERNET, (six) => [...MAC, ...etherType(six)]],
  [LinkType.ETHERNET, (six) => [...MAC, 0x81, 0, 0, 10, ...etherType(six)]],
  [LinkType.ETHERNET, (six) => [...MAC, 0x88, 0xa8, 0, 100, 0x81, 0, 0, 10, ...etherType(six)]],
  [LinkType.ETHERNET, (six) => [...MAC, 0x88, 0x64, 0x11, 0, 0x12, 0x34, 0, 42, ...pppType(six)]],
  [LinkType.PPP, (six) => [0xff, 0x03, ...pppType(six)]],
  [LinkType.PPP, (six) => [six ? 0x57 : 0x21]],
  [LinkType.PPP_HDLC, (six) => [0xff, 0x03, ...pppType(six)]],
  [LinkType.PPP_ETHER, (six) => [0x11, 0, 0x12, 0x34, 0, 42, ...pppType(six)]],
  [LinkType.LINUX_SLL, (six) => [...cooked, ...etherType(six)]],
  [LinkType.LINUX_SLL2, (six) => [...etherType(six), 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]],
];
