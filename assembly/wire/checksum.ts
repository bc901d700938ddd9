/** The Internet checksum (RFC 1071), summed in little-endian words: byte order does not matter to the result. */
import { Packet } from "../layout";
import { Family } from "../shared/protocol";

/** One's complement sum of `length` bytes on top of `sum`, not folded. */
export function sumBytes(at: usize, length: u32, sum: u64): u64 {
  const end = at + length;
  if (length >= 16) {
    // Pairs of 16-bit words are added into 32-bit lanes: no lane overflows below 512 KiB.
    let lanes = i32x4.splat(0);
    for (; at + 64 <= end; at += 64) {
      const half = i32x4.add(pairs(at), pairs(at + 16));
      lanes = i32x4.add(lanes, i32x4.add(half, i32x4.add(pairs(at + 32), pairs(at + 48))));
    }
    for (; at + 16 <= end; at += 16) lanes = i32x4.add(lanes, pairs(at));
    return sum + sumLanes(i32x4.add(lanes, restOf(at, end)));
  }
  for (; at + 4 <= end; at += 4) sum += <u64>load<u32>(at);
  if (at + 2 <= end) {
    sum += <u64>load<u16>(at);
    at += 2;
  }
  if (at < end) sum += <u64>load<u8>(at);
  return sum;
}

/** The same of 16 to 32 bytes, for where a call would cost. */
// @ts-ignore: decorator
@inline
export function sumFewBytes(at: usize, length: u32, sum: u64): u64 {
  return sum + sumLanes(i32x4.add(pairs(at), restOf(at + 16, at + length)));
}

/** Pairs of the 16-bit words of a vector, added. */
// @ts-ignore: decorator
@inline
function pairs(at: usize): v128 {
  return i32x4.extadd_pairwise_i16x8_u(v128.load(at));
}

/**
 * The same of the up to 16 bytes from `at` to `end`, behind at least 16: to the front of a vector and zeros behind them.
 * Branches by length would be guessed wrongly.
 */
// @ts-ignore: decorator
@inline
function restOf(at: usize, end: usize): v128 {
  const first = i8x16.splat(<i8>(16 - (end - at)));
  const places = i8x16.add(first, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  return i32x4.extadd_pairwise_i16x8_u(i8x16.swizzle(v128.load(end - 16), places));
}

// @ts-ignore: decorator
@inline
function sumLanes(lanes: v128): u64 {
  const halves = i64x2.add(i64x2.extend_low_i32x4_u(lanes), i64x2.extend_high_i32x4_u(lanes));
  return <u64>i64x2.extract_lane(halves, 0) + <u64>i64x2.extract_lane(halves, 1);
}

/** The sum of eight bytes, not folded. */
// @ts-ignore: decorator
@inline
export function wordSum(word: u64): u64 {
  return (word & 0xffffffff) + (word >>> 32);
}

/** Folds a sum to 16 bits. */
// @ts-ignore: decorator
@inline
export function fold(sum: u64): u32 {
  sum = (sum & 0xffffffff) + (sum >>> 32);
  sum = (sum & 0xffffffff) + (sum >>> 32);
  let folded = <u32>(sum & 0xffff) + <u32>(sum >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return (folded & 0xffff) + (folded >>> 16);
}

/** Sum of the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) for `length` bytes of payload. */
// @ts-ignore: decorator
@inline
export function pseudoHeader(packet: Packet, protocol: u32, length: u32): u64 {
  // Both are 16-bit words in network order; lengths stay below 64 KiB but for jumbograms, which IP refuses.
  const rest = <u64>bswap<u16>(<u16>protocol) + <u64>bswap<u16>(<u16>length);
  const at = <usize>packet.l3;
  if (packet.family == Family.IPV4) return rest + <u64>load<u32>(at, 12) + <u64>load<u32>(at, 16);
  return sumBytes(at + 8, 32, rest);
}

/** True when the transport checksum over `length` bytes at l4, pseudo-header included, is right. */
export function transportChecksumHolds(packet: Packet, protocol: u32, length: u32): bool {
  return fold(sumBytes(packet.l4, length, pseudoHeader(packet, protocol, length))) == 0xffff;
}
