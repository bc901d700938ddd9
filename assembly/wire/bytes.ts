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
