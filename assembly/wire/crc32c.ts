/** CRC32c (RFC 9260 appendix A), bit-reflected, a byte at a time. */

const POLYNOMIAL: u32 = 0x82f63b78;
const table: usize = memory.data(256 * 4, 16);

function fillTable(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    store<u32>(table + ((<usize>byte) << 2), crc);
  }
}

/** Carries `crc` on over `length` bytes; starts with all ones, ends complemented, both left to the caller. */
export function crc32c(crc: u32, at: usize, length: u32): u32 {
  // Entry 0 is zero in any state; entry 1 tells whether the table has been made.
  if (!load<u32>(table, 4)) fillTable();
  for (let end = at + length; at < end; at++) {
    crc = (crc >>> 8) ^ load<u32>(table + (((<usize>(crc ^ load<u8>(at))) & 255) << 2));
  }
  return crc;
}
