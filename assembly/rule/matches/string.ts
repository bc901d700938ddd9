/** `-m string`: a pattern somewhere in the packet. Both algorithms that iptables offers find the same. */
import { Packet } from "../../layout";
import { StringRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { capturedBytes } from "../packet-bytes";
import { outcome, Outcome } from "../outcome";

export function matchString(at: usize, packet: Packet): Outcome {
  const from = load<u32>(at, StringRecord.FROM);
  const to = min(load<u32>(at, StringRecord.TO), capturedBytes(packet));
  const length = <u32>load<u8>(at, StringRecord.PATTERN_LENGTH);
  const ignoreCase = load<u8>(at, StringRecord.IGNORE_CASE) != 0;
  const found =
    from + length <= to &&
    contains(packet.l3 + from, packet.l3 + to, at + StringRecord.PATTERN, length, ignoreCase);
  return outcome(found != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

/** Compares first and last byte of the pattern at sixteen places at once, and all of it where both are right. */
function contains(at: usize, end: usize, pattern: usize, length: u32, ignoreCase: bool): bool {
  const last = end - length;
  const distance = length - 1;
  const first16 = i8x16.splat(load<u8>(pattern));
  const last16 = i8x16.splat(load<u8>(pattern + distance));
  for (; at + 15 <= last; at += 16) {
    let heads = v128.load(at);
    let tails = v128.load(at + distance);
    if (ignoreCase) {
      heads = smallLetters(heads);
      tails = smallLetters(tails);
    }
    let places = i8x16.bitmask(v128.and(i8x16.eq(heads, first16), i8x16.eq(tails, last16)));
    for (; places; places &= places - 1) {
      if (equals(at + ctz(places), pattern, length, ignoreCase)) return true;
    }
  }
  for (; at <= last; at++) {
    if (equals(at, pattern, length, ignoreCase)) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function smallLetters(bytes: v128): v128 {
  const offset = i8x16.sub(bytes, i8x16.splat(0x41));
  return v128.or(bytes, v128.and(i8x16.lt_u(offset, i8x16.splat(26)), i8x16.splat(0x20)));
}

function equals(at: usize, pattern: usize, length: u32, ignoreCase: bool): bool {
  for (let i: u32 = 0; i < length; i++) {
    let byte = <u32>load<u8>(at + i);
    if (ignoreCase && byte - 0x41 < 26) byte |= 0x20;
    if (byte != load<u8>(pattern + i)) return false;
  }
  return true;
}
