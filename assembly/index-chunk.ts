/**
 * A chunk of the index, one cache line:
 *
 *   bytes 0..11   tag of entry 0..11: the hash's top byte, never 0; 0 = free
 *   byte  12      how many entries probed past this chunk because it was full (255 sticks)
 *   byte  13      of no meaning: see touch()
 *   bytes 16..63  entry 0..11: address of the flow (a multiple of 32) | REPLY_ENTRY | four more bits of hash
 */

export const CHUNK: u32 = 64;
export const ENTRIES: u32 = 12;
export const TAGS: i32 = (1 << ENTRIES) - 1;
export const OVERFLOW: usize = 12;
const TOUCHED: usize = 13;
export const FIRST_ENTRY: usize = 16;
export const REPLY_ENTRY: u32 = 16;
export const HASH_BITS: u32 = 15;
export const ENTRY_BITS: u32 = 31;

// @ts-ignore: decorator
@inline
export function tagOf(hash: u64): u32 {
  return max<u32>(<u32>(hash >>> 56), 1);
}

// @ts-ignore: decorator
@inline
export function hashBitsOf(hash: u64): u32 {
  return (<u32>(hash >>> 52)) & HASH_BITS;
}

/** Odd, so that a probe sequence visits every chunk of a power of two. */
// @ts-ignore: decorator
@inline
export function probeStep(tag: u32): u32 {
  return (tag << 1) | 1;
}

// @ts-ignore: decorator
@inline
export function chunkAt(chunks: u32, i: u32): usize {
  return <usize>chunks + <usize>i * CHUNK;
}

/**
 * Brings a chunk into the cache. By a store: the processor goes on before the line has
 * come, which it does not for a load. (4 ns a packet among a million flows, 1 among 65 536.)
 */
// @ts-ignore: decorator
@inline
export function touch(chunk: usize): void {
  store<u8>(chunk, 0, TOUCHED);
}

/** Bit i set: entry i carries the tag. */
// @ts-ignore: decorator
@inline
export function matchTags(chunk: usize, tag: u32): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(chunk), i8x16.splat(<i8>tag))) & TAGS;
}

/** Bit i set: there is an entry i in the chunk. */
// @ts-ignore: decorator
@inline
export function entriesIn(chunk: usize): i32 {
  return ~matchTags(chunk, 0) & TAGS;
}

/** Address of the flow of an entry. */
// @ts-ignore: decorator
@inline
export function flowOfEntry(chunk: usize, i: u32): u32 {
  return load<u32>(chunk + ((<usize>i) << 2), FIRST_ENTRY) & ~ENTRY_BITS;
}

/** The entry is gone: one less probes past the chunks between its home and where it lay. */
export function unprobe(chunks: u32, mask: u32, home: u32, end: u32, tag: u32): void {
  for (let i = home; i != end; i = (i + probeStep(tag)) & mask) {
    const chunk = chunkAt(chunks, i);
    const overflow = <u32>load<u8>(chunk, OVERFLOW);
    if (overflow < 255) store<u8>(chunk, <u8>(overflow - 1), OVERFLOW);
  }
}
