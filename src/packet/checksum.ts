/** Sum of big-endian 16-bit words on top of `sum`, not folded; exact up to 2^53. */
export function sumWords(bytes: ArrayLike<number>, sum = 0): number {
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += (((bytes[i] as number) << 8) | (bytes[i + 1] as number)) >>> 0;
  return even < bytes.length ? sum + (((bytes[even] as number) << 8) >>> 0) : sum;
}

/** The Internet checksum (RFC 1071) of words summed up. */
export function internetChecksum(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** CRC32c (RFC 9260 appendix A), which SCTP has for a checksum. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
