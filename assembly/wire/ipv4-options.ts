/** Options of IPv4 (RFC 791 section 3.1), which Linux reads where a packet is routed. */

/** The kinds that are looked at. Behind it an option has its length and, where it is a list, the place of its next entry. */
enum Option {
  END = 0,
  NOP = 1,
  RECORD_ROUTE = 7,
  TIMESTAMP = 0x44,
  LOOSE_SOURCE_ROUTE = 0x83,
  LABEL = 0x86,
  STRICT_SOURCE_ROUTE = 0x89,
  ROUTER_ALERT = 0x94,
}

/** What a timestamp's flags ask for: addresses beside the times, or the times of given addresses. Of how many found no room the most. */
const TIME_AND_ADDRESS: u32 = 1;
const PRESPECIFIED: u32 = 3;
const MOST_OVERFLOWS: u32 = 15;

/**
 * False: they are malformed, lay down a route, which Linux does not follow (net.ipv4.conf.all.accept_source_route), or label the
 * packet (CIPSO), where no labels are known.
 */
export function ipv4OptionsHold(option: usize, end: usize): bool {
  let recorded = false;
  let stamped = false;
  while (option < end) {
    const kind = <u32>load<u8>(option);
    if (kind == Option.END) return true;
    if (kind == Option.NOP) {
      option++;
      continue;
    }
    const left = <u32>(end - option);
    const length: u32 = left < 2 ? 0 : load<u8>(option, 1);
    if (length < 2 || length > left) return false;
    if (kind == Option.LOOSE_SOURCE_ROUTE || kind == Option.STRICT_SOURCE_ROUTE || kind == Option.LABEL)
      return false;
    if (kind == Option.ROUTER_ALERT && length < 4) return false;
    if (kind == Option.RECORD_ROUTE) {
      if (recorded || !recordHolds(option, length)) return false;
      recorded = true;
    } else if (kind == Option.TIMESTAMP) {
      if (stamped || !timestampHolds(option, length)) return false;
      stamped = true;
    }
    option += length;
  }
  return true;
}

function recordHolds(option: usize, length: u32): bool {
  if (length < 3) return false;
  const next = <u32>load<u8>(option, 2);
  return next >= 4 && (next > length || next + 3 <= length);
}

function timestampHolds(option: usize, length: u32): bool {
  if (length < 4) return false;
  const next = <u32>load<u8>(option, 2);
  if (next < 5) return false;
  const flags = <u32>load<u8>(option, 3);
  const kind = flags & 15;
  if (next > length) return kind == PRESPECIFIED || flags >>> 4 != MOST_OVERFLOWS;
  const entry: u32 = kind == TIME_AND_ADDRESS || kind == PRESPECIFIED ? 8 : 4;
  return next + entry - 1 <= length;
}
