/** Checksums brought up to date for a few changed words, not computed anew (RFC 1624, equation 3). */
import { fold } from "./checksum";

/** What a changed 16-bit or 32-bit word adds to a one's complement sum. */
// @ts-ignore: decorator
@inline
export function change16(from: u32, to: u32): u64 {
  return <u64>(~from & 0xffff) + <u64>to;
}

// @ts-ignore: decorator
@inline
export function change32(from: u32, to: u32): u64 {
  return <u64>~from + <u64>to;
}

/** Applies changes to the checksum that stands at `at`. */
// @ts-ignore: decorator
@inline
export function updateChecksum(at: usize, changes: u64): void {
  const sum = <u64>(~(<u32>load<u16>(at)) & 0xffff) + changes;
  store<u16>(at, <u16>~fold(sum));
}
