/** Reads in network byte order. Callers have checked that the bytes are there. */

// @ts-ignore: decorator
@inline
export function be16(at: usize): u32 {
  return <u32>bswap<u16>(load<u16>(at));
}

// @ts-ignore: decorator
@inline
export function be32(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** bswap<u16>(), which is a call where the compiler does not think better of it. */
// @ts-ignore: decorator
@inline
export function swap16(raw: u32): u32 {
  return ((raw & 0xff) << 8) | ((raw >>> 8) & 0xff);
}
