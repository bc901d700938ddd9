/** The chain of IPv6 headers (RFC 8200 section 4), as fragmentation looks at it. */
import { ExtensionHeader, Protocol } from "../shared/protocol";
import { be16 } from "../wire/bytes";
import { IPV6_HEADER } from "../wire/header-size";
import { extensionLength, isExtension } from "../wire/ipv6-extension";

const NEXT_HEADER: u32 = 6;
const OFFSET_BITS: u32 = 0xfff8;

/** Where the byte stands that announces the header at `target`, counted from the packet's start. */
export function announcerOf(at: u32, target: u32): u32 {
  let field = NEXT_HEADER;
  let offset = IPV6_HEADER;
  while (offset < target) {
    const length = extensionLength(load<u8>(at + field), at + offset);
    field = offset;
    offset += length;
  }
  return field;
}

/**
 * How many bytes of a packet every fragment repeats: the headers that routers read. Destination options belong to
 * them unless they follow a routing header: then they are for the last destination only. 0 when the headers go on
 * behind the first `available` bytes.
 */
export function repeatedHeaders(at: u32, available: u32): u32 {
  let next = <u32>load<u8>(at, NEXT_HEADER);
  let offset = IPV6_HEADER;
  let routed = false;
  while (
    next == ExtensionHeader.HOP_BY_HOP ||
    next == ExtensionHeader.ROUTING ||
    (next == ExtensionHeader.DESTINATION && !routed)
  ) {
    if (offset + 2 > available) return 0;
    if (next == ExtensionHeader.ROUTING) routed = true;
    const header = at + offset;
    offset += extensionLength(next, header);
    next = load<u8>(header);
  }
  return offset <= available ? offset : 0;
}

/**
 * Whether the bytes behind a first fragment's fragment header reach to the end of the transport header (RFC 7112).
 * Where the chain of headers itself breaks off, that cannot be told, and the answer is yes.
 */
export function reachesTransport(at: u32, next: u32, length: u32, captured: u32): bool {
  let offset: u32 = 0;
  while (isExtension(next)) {
    if (offset + (next == ExtensionHeader.FRAGMENT ? 4 : 2) > captured) return true;
    const header = at + offset;
    if (next == ExtensionHeader.FRAGMENT && be16(header + 2) & OFFSET_BITS) break;
    offset += extensionLength(next, header);
    next = load<u8>(header);
  }
  switch (next) {
    case ExtensionHeader.NO_NEXT:
      return true;
    case Protocol.TCP:
      return offset + 20 <= length;
    case Protocol.UDP:
    case Protocol.ICMPV6:
      return offset + 8 <= length;
    default:
      return offset + 1 <= length;
  }
}
