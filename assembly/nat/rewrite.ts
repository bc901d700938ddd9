/**
 * One end of a packet rewritten: its address and, where the transport has one there, its port, id or key; checksums
 * follow. The packet may be one that an ICMP error quotes, of which only the beginning is there.
 */
import { Packet } from "../layout";
import { Manip } from "../shared/nat";
import { Family, Protocol } from "../shared/protocol";
import { change16, change32, updateChecksum } from "../wire/checksum-update";
import { crc32c } from "../wire/crc32c";
import { ICMP_HEADER, SCTP_HEADER, TCP_HEADER, UDP_HEADER } from "../wire/header-size";
import { pairedType } from "../wire/icmp-pair";
import { TCP_CHECKSUM } from "../wire/tcp";

export const UDP_CHECKSUM: u32 = 6;
const SCTP_CHECKSUM: usize = 8;
const ICMP_CHECKSUM: usize = 2;
const ICMP_ID: usize = 4;
const GRE_CALL_ID: usize = 6;

/** `address`: as it lies in the packet; `key`: port, id or call id in network order. */
// @ts-ignore: decorator
@inline
export function rewrite4(packet: Packet, manip: Manip, address: u32, key: u32): void {
  const l3 = <usize>packet.l3;
  const at = l3 + ((<usize>manip) << 2);
  const changes = change32(load<u32>(at, 12), address);
  store<u32>(at, address, 12);
  updateChecksum(l3 + 10, changes);
  rewriteTransport(packet, manip, key, changes);
}

export function rewrite6(packet: Packet, manip: Manip, word0: u64, word1: u64, key: u32): void {
  const at = <usize>packet.l3 + ((<usize>manip) << 4);
  const changes = change64(load<u64>(at, 8), word0) + change64(load<u64>(at, 16), word1);
  store<u64>(at, word0, 8);
  store<u64>(at, word1, 16);
  rewriteTransport(packet, manip, key, changes);
}

// @ts-ignore: decorator
@inline
function change64(from: u64, to: u64): u64 {
  return change32(<u32>from, <u32>to) + change32(<u32>(from >>> 32), <u32>(to >>> 32));
}

// @ts-ignore: decorator
@inline
function rewriteTransport(packet: Packet, manip: Manip, key: u32, changes: u64): void {
  if (packet.protocol == Protocol.TCP) {
    if (packet.l4Captured < 4) return;
    changes += replacePort(packet, manip, key);
    if (packet.l4Captured >= TCP_HEADER) updateChecksum(<usize>packet.l4 + TCP_CHECKSUM, changes);
    return;
  }
  rewriteOther(packet, manip, key, changes);
}

/** Returns what that does to a checksum. */
// @ts-ignore: decorator
@inline
function replacePort(packet: Packet, manip: Manip, key: u32): u64 {
  const at = <usize>packet.l4 + ((<usize>manip) << 1);
  const changes = change16(load<u16>(at), key);
  store<u16>(at, <u16>key);
  return changes;
}

function rewriteOther(packet: Packet, manip: Manip, key: u32, changes: u64): void {
  const l4 = <usize>packet.l4;
  const captured = packet.l4Captured;
  switch (<u32>packet.protocol) {
    case Protocol.UDP:
    case Protocol.UDPLITE:
      if (captured < UDP_HEADER) return;
      changes += replacePort(packet, manip, key);
      // Zero: the sender computed none, which UDP-Lite does not allow.
      if (packet.protocol == Protocol.UDP && !load<u16>(l4, UDP_CHECKSUM)) return;
      updateChecksum(l4 + UDP_CHECKSUM, changes);
      if (!load<u16>(l4, UDP_CHECKSUM)) store<u16>(l4, 0xffff, UDP_CHECKSUM);
      return;
    case Protocol.SCTP:
      if (captured < 4) return;
      replacePort(packet, manip, key);
      if (captured >= SCTP_HEADER && !packet.cut) sealSctp(packet);
      return;
    case Protocol.ICMP:
    case Protocol.ICMPV6:
      if (captured < ICMP_HEADER) return;
      // IPv4's has no pseudo-header, so only a new id concerns it.
      if (packet.protocol == Protocol.ICMP) changes = 0;
      if (isQuery(packet)) {
        changes += change16(load<u16>(l4, ICMP_ID), key);
        store<u16>(l4, <u16>key, ICMP_ID);
      } else if (!changes) {
        return;
      }
      updateChecksum(l4 + ICMP_CHECKSUM, changes);
      return;
    case Protocol.GRE:
      // Only enhanced GRE has an id, the receiver's.
      if (manip != Manip.DESTINATION || captured < 8 || (load<u8>(l4, 1) & 7) != 1) return;
      store<u16>(l4, <u16>key, GRE_CALL_ID);
      return;
    default:
      return;
  }
}

function isQuery(packet: Packet): bool {
  const type = <u32>load<u8>(packet.l4);
  const six = packet.protocol == Protocol.ICMPV6;
  // RFC 4620's queries have no id.
  if (six) return type == 128 || type == 129;
  return pairedType(type, Family.IPV4) >= 0;
}

/** The whole packet has to be there: a CRC cannot be patched as a sum can. */
function sealSctp(packet: Packet): void {
  const at = <usize>packet.l4;
  store<u32>(at, 0, SCTP_CHECKSUM);
  store<u32>(at, ~crc32c(0xffffffff, at, packet.l4Captured), SCTP_CHECKSUM);
}
