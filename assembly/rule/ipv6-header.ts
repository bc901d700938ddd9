/** Extension headers of IPv6 (RFC 8200), for the matches that ask for one. */
import { Packet } from "../layout";
import { ExtensionHeader } from "../shared/protocol";
import { be16 } from "../wire/bytes";
import { IPV6_HEADER } from "../wire/header-size";
import { extensionLength, isExtension } from "../wire/ipv6-extension";
import { capturedBytes } from "./packet-bytes";

/** What has to be there of a header for its successor to be found. */
const SHORTEST: u32 = 2;
const SHORTEST_SPECIAL: u32 = 4;
const FRAGMENT_OFFSET: u32 = 0xfff8;

/** There is none; the chain of headers, or the header, is cut short. */
export const ABSENT: u32 = 0;
export const CUT: u32 = 0xffffffff;

/** Offset of the first header of a kind from the IPv6 header on, ABSENT or CUT. */
export function findHeader(packet: Packet, wanted: u32): u32 {
  const l3 = <usize>packet.l3;
  const captured = capturedBytes(packet);
  let header = <u32>load<u8>(l3, 6);
  let offset = IPV6_HEADER;
  while (header != wanted) {
    if (!isExtension(header)) return ABSENT;
    const special = header == ExtensionHeader.FRAGMENT || header == ExtensionHeader.ROUTING;
    if (offset + (special ? SHORTEST_SPECIAL : SHORTEST) > captured) return CUT;
    const at = l3 + offset;
    // Behind the header of a later fragment there are no headers.
    if (header == ExtensionHeader.FRAGMENT && be16(at + 2) & FRAGMENT_OFFSET) return ABSENT;
    const next = <u32>load<u8>(at);
    offset += extensionLength(header, at);
    header = next;
  }
  return offset;
}

/** The same of a header that has to be there as a whole, and at least so many bytes of it. */
export function findWholeHeader(packet: Packet, wanted: u32, least: u32): u32 {
  const offset = findHeader(packet, wanted);
  if (offset == ABSENT || offset == CUT) return offset;
  const captured = capturedBytes(packet);
  if (offset + least > captured) return CUT;
  return offset + extensionLength(wanted, <usize>packet.l3 + offset) > captured ? CUT : offset;
}
