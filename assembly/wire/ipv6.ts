/** IPv6 header and extension headers (RFC 8200; AH: RFC 4302), walked to the transport header. */
import { Packet } from "../layout";
import { Hook } from "../shared/ct-state";
import { ExtensionHeader, Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { be16 } from "./bytes";
import { IPV6_HEADER } from "./header-size";
import { passableHopByHop } from "./hop-by-hop";
import { extensionLength, isExtension } from "./ipv6-extension";

/** The protocol of packets whose headers end before it is told: a number that is reserved (IANA). */
export const CUT: u32 = 255;

/** Which fragment headers end the walk: those with one of these bits in the word of the offset, or all. */
const FRAGMENT_OFFSET: u32 = 0xfff8;
const ANY_FRAGMENT: u32 = 0;

/** In: l3, l3Length = bytes on the wire from there. `captured`: bytes that are really there. */
// @ts-ignore: decorator
@inline
export function parseIpv6(packet: Packet, captured: u32): Reason {
  const at = <usize>packet.l3;
  if (captured < IPV6_HEADER) return Reason.IP_HEADER;
  const total = IPV6_HEADER + be16(at + 4);
  if (total > packet.l3Length) return Reason.IP_HEADER;
  packet.family = <u8>Family.IPV6;
  readAddresses(packet, at);
  packet.l3Length = total;
  packet.cut = captured < total ? 1 : 0;
  // What this machine sends itself it may send from and to any address.
  if (packet.hook != Hook.OUTPUT && !acceptableAddresses(packet)) return Reason.IP_ADDRESS;
  const available = min(captured, total);
  if (load<u8>(at, 6) == ExtensionHeader.HOP_BY_HOP && !hopByHopPasses(packet, at, available))
    return Reason.IP_OPTIONS;
  const reason = walkExtensionHeaders(packet, at, available, ANY_FRAGMENT);
  packet.l4Length = total - (packet.l4 - <u32>at);
  return reason;
}

/** The same for a packet that passed all this as fragments, or as one: only its headers are walked anew. */
export function parseDefragmentedIpv6(packet: Packet, captured: u32): Reason {
  const at = <usize>packet.l3;
  const total = IPV6_HEADER + be16(at + 4);
  packet.l3Length = total;
  packet.cut = captured < total ? 1 : 0;
  const reason = walkExtensionHeaders(packet, at, min(captured, total), FRAGMENT_OFFSET);
  packet.l4Length = total - (packet.l4 - <u32>at);
  return reason;
}

/** Only where the capture shows all of it can the header be judged. */
function hopByHopPasses(packet: Packet, at: usize, available: u32): bool {
  const header = at + IPV6_HEADER;
  const length = available < IPV6_HEADER + 8 ? 8 : (<u32>load<u8>(header, 1) + 1) << 3;
  if (available < IPV6_HEADER + length) return packet.cut != 0;
  return passableHopByHop(header, IPV6_HEADER, length);
}

/** The header of a packet quoted in an ICMPv6 error: whatever is there is believed. False: no transport header. */
export function quotedIpv6(packet: Packet, at: u32, available: u32): bool {
  if (available < IPV6_HEADER) return false;
  readAddresses(packet, at);
  const a = packet.a;
  const reason = walkExtensionHeaders(packet, at, available, FRAGMENT_OFFSET);
  packet.a = a;
  return reason == Reason.NONE;
}

// @ts-ignore: decorator
@inline
function readAddresses(packet: Packet, at: usize): void {
  packet.src0 = load<u64>(at, 8);
  packet.src1 = load<u64>(at, 16);
  packet.dst0 = load<u64>(at, 24);
  packet.dst1 = load<u64>(at, 32);
}

/** What a router's IPv6 input refuses before netfilter sees it (RFC 4291 sections 2.5.3 and 2.7). */
// @ts-ignore: decorator
@inline
function acceptableAddresses(packet: Packet): bool {
  const source = (<u32>packet.src0) & 0xff;
  if (source == 0xff) return false;
  const LOOPBACK_HIGH: u64 = 0x0100000000000000;
  if (packet.src0 == 0 && packet.src1 == LOOPBACK_HIGH) return false;
  if (packet.dst0 == 0 && packet.dst1 == LOOPBACK_HIGH) return false;
  // Multicast of scope 0 or 1 (interface-local) never crosses a link.
  return ((<u32>packet.dst0) & 0xff) != 0xff || (((<u32>packet.dst0) >>> 8) & 15) > 1;
}

/** A fragment header ends the walk when it has one of `fragmentBits` in the word of its offset, or when there are none. */
function walkExtensionHeaders(packet: Packet, at: usize, available: u32, fragmentBits: u32): Reason {
  let next = <u32>load<u8>(at, 6);
  let offset: u32 = IPV6_HEADER;
  for (;;) {
    if (!isExtension(next)) break;
    if (available < offset + 2) return headersEnd(packet, at, available, CUT, next);
    const header = at + offset;
    const length = extensionLength(next, header);
    if (available < offset + length) return beyond(packet, at, available, next, load<u8>(header));
    if (next == ExtensionHeader.FRAGMENT && (!fragmentBits || be16(header + 2) & fragmentBits)) {
      packet.protocol = load<u8>(header);
      packet.l4 = <u32>header;
      packet.l4Captured = available - offset;
      return Reason.FRAGMENT;
    }
    next = load<u8>(header);
    offset += length;
  }
  if (next == ExtensionHeader.NO_NEXT) {
    headersEnd(packet, at, offset, next, next);
    // What follows is none of the protocol's, but matches that read bytes see it.
    packet.l4Captured = available - offset;
    return Reason.IPV6_HEADERS;
  }
  packet.protocol = <u8>next;
  packet.l4 = <u32>at + offset;
  packet.l4Captured = available - offset;
  return Reason.NONE;
}

/** As Linux does, a header that is too short is believed about what follows it, of which nothing is there. */
function beyond(packet: Packet, at: usize, available: u32, header: u32, next: u32): Reason {
  if (header == ExtensionHeader.FRAGMENT || isExtension(next) || next == ExtensionHeader.NO_NEXT)
    return headersEnd(packet, at, available, CUT, header);
  packet.protocol = <u8>next;
  packet.l4 = <u32>at + available;
  packet.l4Captured = 0;
  return Reason.NONE;
}

/** Without a transport header there is nothing to track, but rules see the packet. */
function headersEnd(packet: Packet, at: usize, offset: u32, protocol: u32, next: u32): Reason {
  packet.protocol = <u8>protocol;
  packet.l4 = <u32>at + offset;
  packet.l4Captured = 0;
  packet.a = next;
  return Reason.IPV6_HEADERS;
}
