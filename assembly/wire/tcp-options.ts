/** TCP options (RFC 9293 section 3.1; window scale RFC 7323; SACK RFC 2018). Malformed ones end the walk. */
import { TcpFlag } from "../shared/tcp-state";
import { be32 } from "./bytes";
import { Segment } from "./tcp";

export const END: u32 = 0;
export const NOP: u32 = 1;
const WINDOW_SCALE: u32 = 3;
const SACK_PERMITTED: u32 = 4;
export const SACK: u32 = 5;
/** RFC 7323 section 2.3: a larger shift counts as 14. */
const MAX_SCALE: u32 = 14;

/** The window scale and SACK options of a SYN: TcpFlag bits in the lower byte, the scale in the upper. */
export function readSynOptions(segment: Segment): u32 {
  let flags: u32 = 0;
  let scale: u32 = 0;
  let at = <usize>segment.options;
  const end = <usize>segment.optionsEnd;
  while (at < end) {
    const kind = <u32>load<u8>(at);
    if (kind == END) break;
    if (kind == NOP) {
      at++;
      continue;
    }
    if (at + 2 > end) break;
    const length = <u32>load<u8>(at, 1);
    if (length < 2 || at + length > end) break;
    if (kind == SACK_PERMITTED && length == 2) flags |= TcpFlag.SACK_PERM;
    else if (kind == WINDOW_SCALE && length == 3) {
      scale = min<u32>(load<u8>(at, 2), MAX_SCALE);
      flags |= TcpFlag.WINDOW_SCALE;
    }
    at += length;
  }
  return flags | (scale << 8);
}

/** The highest sequence number acknowledged, selective acknowledgements in the options from `at` to `end` included. */
export function highestSack(at: usize, end: usize, ack: u32): u32 {
  while (at < end) {
    const kind = <u32>load<u8>(at);
    if (kind == END) break;
    if (kind == NOP) {
      at++;
      continue;
    }
    if (at + 2 > end) break;
    const length = <u32>load<u8>(at, 1);
    if (length < 2 || at + length > end) break;
    if (kind == SACK && length >= 10 && (length - 2) % 8 == 0) {
      for (let block = at + 2; block < at + length; block += 8) {
        const right = be32(block + 4);
        if (<i32>(ack - right) < 0) ack = right;
      }
      break;
    }
    at += length;
  }
  return ack;
}
