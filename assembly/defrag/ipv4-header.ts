/** The IPv4 header (RFC 791), as fragmentation reads and writes it. */
import { fold, sumBytes } from "../wire/checksum";
import { IPV4_HEADER } from "../wire/header-size";

export const DONT_FRAGMENT: u32 = 0x4000;
export const MORE_FRAGMENTS: u32 = 0x2000;
export const OFFSET: u32 = 0x1fff;

const END_OF_OPTIONS: u32 = 0;
const NO_OPERATION: u32 = 1;
/** An option with this bit is repeated in each fragment. */
const COPIED: u32 = 0x80;

/** Overwrites the options that only the first fragment carries. */
export function withoutUncopied(at: u32, headers: u32): void {
  let i = IPV4_HEADER;
  while (i < headers) {
    const type = <u32>load<u8>(at + i);
    if (type == END_OF_OPTIONS) return;
    if (type == NO_OPERATION) {
      i++;
      continue;
    }
    const length = i + 1 < headers ? <u32>load<u8>(at + i, 1) : 0;
    if (length < 2 || i + length > headers) return;
    if (!(type & COPIED)) memory.fill(at + i, <u8>NO_OPERATION, length);
    i += length;
  }
}

export function writeChecksum(at: u32, headers: u32): void {
  store<u16>(at, 0, 10);
  store<u16>(at, <u16>~fold(sumBytes(at, headers, 0)), 10);
}
