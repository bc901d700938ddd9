/** IPv4 header (RFC 791): what the IP layer itself refuses, and where the transport header starts. */
import { Packet } from "../layout";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { be16 } from "./bytes";
import { fold, sumBytes } from "./checksum";

const FRAGMENT_OFFSET: u32 = 0x1fff;
/** The MF flag and the offset as they lie in the header. */
const RAW_FRAGMENT: u32 = 0xff3f;
/** Bytes of transport header that a tuple needs at least. */
const PORTS: u32 = 4;

/** In: l3, l3Length = bytes on the wire from there. `captured`: bytes that are really there. */
// @ts-ignore: decorator
@inline
export function parseIpv4(packet: Packet, captured: u32, verify: bool): Reason {
  const at = <usize>packet.l3;
  if (captured < 20) return Reason.IP_HEADER;
  const header = (<u32>(load<u8>(at) & 15)) << 2;
  const total = be16(at + 2);
  if (header < 20 || total < header || total > packet.l3Length) return Reason.IP_HEADER;
  if (captured < header) {
    packet.cut = 1;
    packet.a = 0;
    packet.b = PORTS;
    return Reason.L4_SHORT;
  }
  if (verify) {
    const sum = fold(sumBytes(at, header, 0));
    if (sum != 0xffff) return wrongChecksum(packet, sum);
  }
  packet.family = <u8>Family.IPV4;
  packet.protocol = load<u8>(at, 9);
  packet.address = load<u64>(at, 12);
  packet.cut = captured < total ? 1 : 0;
  packet.l3Length = total;
  packet.l4 = <u32>at + header;
  packet.l4Length = total - header;
  packet.l4Captured = min(captured, total) - header;
  return load<u16>(at, 6) & RAW_FRAGMENT ? Reason.FRAGMENT : Reason.NONE;
}

function wrongChecksum(packet: Packet, sum: u32): Reason {
  const found = <u32>load<u16>(packet.l3, 10);
  packet.a = <u32>bswap<u16>(<u16>found);
  packet.b = <u32>bswap<u16>(<u16>~fold(<u64>sum + (~found & 0xffff)));
  return Reason.IP_CHECKSUM;
}

/** The header of a packet quoted in an ICMP error: whatever is there is believed. False: no transport header. */
export function quotedIpv4(packet: Packet, at: u32, available: u32): bool {
  if (available < 20) return false;
  const header = (<u32>(load<u8>(at) & 15)) << 2;
  if (header > available || be16(at + 6) & FRAGMENT_OFFSET) return false;
  packet.protocol = load<u8>(at, 9);
  packet.address = load<u64>(at, 12);
  packet.l4 = at + header;
  packet.l4Captured = available - header;
  return true;
}
