/** REJECT: the answer to a packet that a rule refuses, an ICMP error (RFC 1122, RFC 4443) or a RST (RFC 9293). */
import { addressType, routeTo } from "../device";
import { Packet, PacketFlag } from "../layout";
import { Family, Protocol } from "../shared/protocol";
import { RouteType } from "../shared/route-type";
import { Reason } from "../shared/reason";
import { RejectRecord } from "../shared/target-record";
import { be32 } from "../wire/bytes";
import { fold, pseudoHeader, sumBytes, transportChecksumHolds } from "../wire/checksum";
import { ICMP_HEADER, IPV4_HEADER, IPV6_HEADER, TCP_HEADER } from "../wire/header-size";
import { icmpType, isError } from "../wire/icmp";
import { ACK, FIN, RST, SYN, TCP_CHECKSUM } from "../wire/tcp";

/** Errors quote as much as fits into a packet of this length, which everybody takes. */
const LONGEST4: u32 = 576;
const LONGEST6: u32 = 1280;
const HOP_LIMIT: u32 = 64;
/** Internetwork control (RFC 791), and what stays of the TOS of the packet that an error answers. */
const PRECEDENCE: u32 = 0xc0;
const TOS_KEPT: u32 = 0x1e;
const DONT_FRAGMENT: u16 = 0x0040;

const buffer: usize = memory.data(LONGEST6, 16);

/** Where rejectReply() leaves the answer. */
export function rejectBuffer(): u32 {
  return <u32>buffer;
}

/** Writes the answer that the REJECT target's record asks for. Returns its length, 0 when there is to be none. */
export function rejectReply(packet: Packet, target: u32): u32 {
  if (!answerable(packet)) return 0;
  const six = packet.family == Family.IPV6;
  memory.fill(buffer, 0, 64);
  if (load<u8>(target, RejectRecord.RESET)) {
    if (packet.protocol != Protocol.TCP || packet.l4Captured < TCP_HEADER) return 0;
    return load<u8>(packet.l4, 13) & RST ? 0 : six ? reset6(packet) : reset4(packet);
  }
  const isIcmp = packet.protocol == (six ? <u32>Protocol.ICMPV6 : <u32>Protocol.ICMP);
  if (isIcmp && (!packet.l4Captured || isUnanswered(packet))) return 0;
  return six ? error6(packet, target) : error4(packet, target);
}

/** No error is answered by another one. Of ICMPv6 a redirect counts as information (RFC 4443 section 2.1). */
function isUnanswered(packet: Packet): bool {
  return packet.family == Family.IPV6 ? icmpType(packet) < 128 : isError(packet);
}

/** Nobody is told about broadcasts, and nobody who may not have sent the packet: its checksum has to hold. */
function answerable(packet: Packet): bool {
  const l3 = <usize>packet.l3;
  const six = packet.family == Family.IPV6;
  const to0 = six ? load<u64>(l3, 24) : <u64>load<u32>(l3, 16);
  const to1 = six ? load<u64>(l3, 32) : 0;
  const type = addressType(packet.family, to0, to1);
  if (type == RouteType.BROADCAST || type == RouteType.MULTICAST) return false;
  if (six && (isMulticast6(l3 + 8) || !(load<u64>(l3, 8) | load<u64>(l3, 16)))) return false;
  // Nor is anybody about IPv6 headers that nothing comes behind.
  if (six && (packet.reason == Reason.IPV6_HEADERS || !packet.l4Length)) return false;
  return packet.cut != 0 || checksumHolds(packet);
}

function isMulticast6(address: usize): bool {
  return load<u8>(address) == 0xff;
}

/** Linux takes every protocol for one with the Internet checksum, but for a few that it knows to have none. */
function checksumHolds(packet: Packet): bool {
  const length = packet.l4Length;
  switch (<u32>packet.protocol) {
    case Protocol.UDP:
      if (length >= 8 && !load<u16>(packet.l4, 6)) return true;
    case Protocol.TCP:
      return transportChecksumHolds(packet, packet.protocol, length);
    case Protocol.AH:
    case Protocol.ESP:
    case Protocol.GRE:
    case Protocol.SCTP:
    case Protocol.UDPLITE:
      return true;
  }
  if (packet.family == Family.IPV6) return transportChecksumHolds(packet, packet.protocol, length);
  const sum = fold(sumBytes(packet.l4, length, 0));
  return sum == 0xffff || sum == 0;
}

/** The bytes of the packet that are there to be quoted. */
function captured(packet: Packet): u32 {
  return packet.l4 - packet.l3 + packet.l4Captured;
}

function error4(packet: Packet, target: u32): u32 {
  const l3 = <usize>packet.l3;
  const quoted = min(captured(packet), LONGEST4 - IPV4_HEADER - ICMP_HEADER);
  const length = IPV4_HEADER + ICMP_HEADER + quoted;
  const at = buffer + IPV4_HEADER;
  icmpHeader(at, packet, target, quoted);
  if (packet.flags & PacketFlag.GENERATED && packet.protocol == Protocol.TCP)
    unsealReset(packet, at + ICMP_HEADER);
  store<u16>(at, <u16>~fold(sumBytes(at, ICMP_HEADER + quoted, 0)), 2);
  const tos = (load<u8>(l3, 1) & TOS_KEPT) | PRECEDENCE;
  header4(tos, 0, Protocol.ICMP, length, ownAddress4(l3), load<u32>(l3, 12));
  return length;
}

/** Linux leaves the checksum of its own RST to the device: when it is quoted before, that has only the pseudo-header in it. */
function unsealReset(packet: Packet, quote: usize): void {
  const at = quote + (packet.l4 - packet.l3);
  store<u16>(at, <u16>fold(pseudoHeader(packet, Protocol.TCP, packet.l4Length)), TCP_CHECKSUM);
}

function icmpHeader(at: usize, packet: Packet, target: u32, quoted: u32): void {
  store<u8>(at, load<u8>(target, RejectRecord.TYPE));
  store<u8>(at, load<u8>(target, RejectRecord.CODE), 1);
  store<u32>(at, bswap<u32>(load<u32>(target, RejectRecord.REST)), 4);
  memory.copy(at + ICMP_HEADER, packet.l3, quoted);
}

/** The address that was meant, if it is this machine's; else that of the way back. */
function ownAddress4(l3: usize): u32 {
  const meant = load<u32>(l3, 16);
  if (addressType(Family.IPV4, meant, 0) == RouteType.LOCAL) return meant;
  const route = routeTo(Family.IPV4, load<u32>(l3, 12), 0);
  return route ? <u32>route.source0 : 0;
}

function header4(tos: u32, fragment: u16, protocol: u32, length: u32, source: u32, destination: u32): void {
  store<u8>(buffer, 0x45);
  store<u8>(buffer, <u8>tos, 1);
  store<u16>(buffer, bswap<u16>(<u16>length), 2);
  store<u16>(buffer, fragment, 6);
  store<u8>(buffer, <u8>HOP_LIMIT, 8);
  store<u8>(buffer, <u8>protocol, 9);
  store<u32>(buffer, source, 12);
  store<u32>(buffer, destination, 16);
  store<u16>(buffer, <u16>~fold(sumBytes(buffer, IPV4_HEADER, 0)), 10);
}

function error6(packet: Packet, target: u32): u32 {
  const l3 = <usize>packet.l3;
  const quoted = min(captured(packet), LONGEST6 - IPV6_HEADER - ICMP_HEADER);
  const payload = ICMP_HEADER + quoted;
  const at = buffer + IPV6_HEADER;
  icmpHeader(at, packet, target, quoted);
  header6(Protocol.ICMPV6, payload, l3 + 8);
  let source0 = load<u64>(l3, 24);
  let source1 = load<u64>(l3, 32);
  if (addressType(Family.IPV6, source0, source1) != RouteType.LOCAL) {
    const route = routeTo(Family.IPV6, load<u64>(l3, 8), load<u64>(l3, 16));
    source0 = route ? route.source0 : 0;
    source1 = route ? route.source1 : 0;
  }
  store<u64>(buffer, source0, 8);
  store<u64>(buffer, source1, 16);
  store<u16>(at, checksum6(Protocol.ICMPV6, payload), 2);
  return IPV6_HEADER + payload;
}

function header6(protocol: u32, payload: u32, destination: usize): void {
  store<u8>(buffer, 0x60);
  store<u16>(buffer, bswap<u16>(<u16>payload), 4);
  store<u8>(buffer, <u8>protocol, 6);
  store<u8>(buffer, <u8>HOP_LIMIT, 7);
  memory.copy(buffer + 24, destination, 16);
}

/** Of the payload in the buffer, whose checksum field is still 0. */
function checksum6(protocol: u32, payload: u32): u16 {
  const pseudo = <u64>bswap<u16>(<u16>protocol) + <u64>bswap<u16>(<u16>payload);
  return <u16>~fold(sumBytes(buffer + 8, 32 + payload, pseudo));
}

function reset4(packet: Packet): u32 {
  const l3 = <usize>packet.l3;
  const length = IPV4_HEADER + TCP_HEADER;
  header4(0, DONT_FRAGMENT, Protocol.TCP, length, load<u32>(l3, 16), load<u32>(l3, 12));
  const at = buffer + IPV4_HEADER;
  resetHeader(at, packet);
  const pseudo =
    <u64>load<u32>(buffer, 12) +
    <u64>load<u32>(buffer, 16) +
    <u64>bswap<u16>(<u16>Protocol.TCP) +
    <u64>bswap<u16>(<u16>TCP_HEADER);
  store<u16>(at, <u16>~fold(sumBytes(at, TCP_HEADER, pseudo)), TCP_CHECKSUM);
  return length;
}

function reset6(packet: Packet): u32 {
  const l3 = <usize>packet.l3;
  header6(Protocol.TCP, TCP_HEADER, l3 + 8);
  memory.copy(buffer + 8, l3 + 24, 16);
  const at = buffer + IPV6_HEADER;
  resetHeader(at, packet);
  store<u16>(at, checksum6(Protocol.TCP, TCP_HEADER), TCP_CHECKSUM);
  return IPV6_HEADER + TCP_HEADER;
}

/** RFC 9293 section 3.5.2: of the sequence that the peer expects, or acknowledging all that it sent. */
function resetHeader(at: usize, packet: Packet): void {
  const l4 = <usize>packet.l4;
  const flags = <u32>load<u8>(l4, 13);
  store<u16>(at, load<u16>(l4, 2));
  store<u16>(at, load<u16>(l4), 2);
  store<u8>(at, <u8>((TCP_HEADER / 4) << 4), 12);
  if (flags & ACK) {
    store<u32>(at, load<u32>(l4, 8), 4);
    store<u8>(at, <u8>RST, 13);
    return;
  }
  const header = ((<u32>load<u8>(l4, 12)) >>> 4) << 2;
  const sent = packet.l4Length - header + ((flags & SYN) >>> 1) + (flags & FIN);
  store<u32>(at, bswap<u32>(be32(l4 + 4) + sent), 8);
  store<u8>(at, <u8>(RST | ACK), 13);
}
