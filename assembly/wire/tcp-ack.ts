/**
 * The header of a plain ACK or FIN, in host order in the lanes of one vector. What is accepted here, tcp.ts would accept as
 * well, and there is no option in it but a timestamp.
 */
import { Packet } from "../layout";
import { TCP_HEADER } from "./header-size";
import { ACK, FIN, RST, SYN } from "./tcp";

export const HEADER_WITH_TIMESTAMP: u32 = 32;

/** In the lane of data offset, flags and window: the offset, and the flags that tell an ACK or a FIN from others. */
const SHAPE: u32 = (15 << 28) | ((SYN | RST | ACK) << 16);
export const PLAIN_ACK: u32 = (TCP_HEADER << 26) | (ACK << 16);
export const ACK_WITH_TIMESTAMP: u32 = (HEADER_WITH_TIMESTAMP << 26) | (ACK << 16);
/** NOP, NOP, timestamp, 10 bytes: all that the options of most segments are (RFC 7323 appendix A). */
const TIMESTAMP: u32 = 0x0a080101;

/** From the header's bytes 0 to 15 to host order. Kept in memory: as a constant it takes V8 four instructions more. */
// prettier-ignore
const order: usize = memory.data<u8>([7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0], 16);

/** Sequence number, acknowledgement, data offset with flags and window. TCP_HEADER bytes must be there. */
// @ts-ignore: decorator
@inline
export function readAck(packet: Packet): v128 {
  return i8x16.swizzle(v128.load(packet.l4), v128.load(order));
}

// @ts-ignore: decorator
@inline
export function acknowledgementOf(header: v128): u32 {
  return i32x4.extract_lane(header, 1);
}

/** Data offset, flags and window. */
// @ts-ignore: decorator
@inline
export function wordOf(header: v128): u32 {
  return i32x4.extract_lane(header, 2);
}

/** 1 for a FIN, or else 0. */
// @ts-ignore: decorator
@inline
export function finOf(word: u32): u32 {
  return (word >>> 16) & FIN;
}

// @ts-ignore: decorator
@inline
export function shapeOf(word: u32): u32 {
  return word & SHAPE;
}

// @ts-ignore: decorator
@inline
export function headerBytes(word: u32): u32 {
  return (word >>> 28) << 2;
}

/** As it stands in the header, before scaling. */
// @ts-ignore: decorator
@inline
export function windowOf(word: u32): u32 {
  return word & 0xffff;
}

// @ts-ignore: decorator
@inline
export function hasOnlyTimestamp(packet: Packet): bool {
  return load<u32>(packet.l4, TCP_HEADER) == TIMESTAMP;
}
