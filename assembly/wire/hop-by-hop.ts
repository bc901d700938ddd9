/**
 * The hop-by-hop options header (RFC 8200 section 4.3): every router reads it, and Linux drops a packet whose
 * options it may not pass, before any hook.
 */

const PAD1: u32 = 0;
const PADN: u32 = 1;
/** RFC 2711: the option's data is two bytes. */
const ROUTER_ALERT: u32 = 5;
/** RFC 5570; its checksum is not computed here, so such packets are dropped (docs/deviations.md). */
const CALIPSO: u32 = 7;
/** RFC 9486: aligned to four bytes. */
const IOAM: u32 = 0x31;
/** The two upper bits of an option's type: what to do when it is unknown; 00 is to skip it. */
const UNKNOWN_ACTION: u32 = 0xc0;
/** More padding than alignment can need is a covert channel. */
const MAX_PADDING: u32 = 7;
/** net.ipv6.max_hbh_opts_number. */
const MAX_OPTIONS: u32 = 8;

/** `offset`: of the header from the packet's start, for options with alignment; `length`: of the header. */
export function passableHopByHop(at: usize, offset: u32, length: u32): bool {
  let padding: u32 = 0;
  let options: u32 = 0;
  let i: u32 = 2;
  while (i < length) {
    const type = <u32>load<u8>(at + i);
    if (type == PAD1) {
      i++;
      if (++padding > MAX_PADDING) return false;
      continue;
    }
    if (i + 2 > length) return false;
    const dataLength = <u32>load<u8>(at + i, 1);
    if (i + 2 + dataLength > length) return false;
    if (type == PADN) {
      padding += dataLength + 2;
      if (padding > MAX_PADDING) return false;
      for (let j: u32 = 0; j < dataLength; j++) if (load<u8>(at + i + j, 2)) return false;
    } else {
      padding = 0;
      if (++options > MAX_OPTIONS) return false;
      if (!passableOption(type, dataLength, offset + i)) return false;
    }
    i += 2 + dataLength;
  }
  return true;
}

/** The jumbo payload option falls under the unknown ones: longer packets than 64 KiB are not supported. */
function passableOption(type: u32, dataLength: u32, offset: u32): bool {
  if (type == ROUTER_ALERT) return dataLength == 2;
  if (type == CALIPSO) return false;
  if (type == IOAM) return (offset & 3) == 0;
  return (type & UNKNOWN_ACTION) == 0;
}
