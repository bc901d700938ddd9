/** Extension headers of IPv6 (RFC 8200), for the matches that ask for one. */
import { Packet } from "../layout";
import { be16 } from "../wire/bytes";
import { capturedBytes } from "./packet-bytes";

export const HOP_BY_HOP: u32 = 0;
export const ROUTING: u32 = 43;
export const FRAGMENT: u32 = 44;
export const ESP: u32 = 50;
export const AUTHENTICATION: u32 = 51;
export const NO_NEXT_HEADER: u32 = 59;
export const DESTINATION: u32 = 60;

export const IPV6_HEADER: u32 = 40;
const SHORTEST: u32 = 8;
const FRAGMENT_OFFSET: u32 = 0xfff8;

/** There is none; the chain of headers is cut short. */
export const ABSENT: u32 = 0;
export const CUT: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline
export function isExtension(header: u32): bool {
  return (
    header == HOP_BY_HOP ||
    header == ROUTING ||
    header == FRAGMENT ||
    header == AUTHENTICATION ||
    header == DESTINATION
  );
}

/** Bytes of the extension header of a kind at an address. */
export function extensionLength(header: u32, at: usize): u32 {
  if (header == FRAGMENT) return SHORTEST;
  const units = <u32>load<u8>(at, 1);
  return header == AUTHENTICATION ? (units + 2) << 2 : (units + 1) << 3;
}

/** Offset of the first header of a kind from the IPv6 header on, ABSENT or CUT. */
export function findHeader(packet: Packet, wanted: u32): u32 {
  const l3 = <usize>packet.l3;
  const captured = capturedBytes(packet);
  let header = <u32>load<u8>(l3, 6);
  let offset = IPV6_HEADER;
  while (header != wanted) {
    if (!isExtension(header)) return ABSENT;
    if (offset + SHORTEST > captured) return CUT;
    const at = l3 + offset;
    // Behind the header of a later fragment there are no headers.
    if (header == FRAGMENT && be16(at + 2) & FRAGMENT_OFFSET) return ABSENT;
    const next = <u32>load<u8>(at);
    offset += extensionLength(header, at);
    header = next;
  }
  return offset;
}
