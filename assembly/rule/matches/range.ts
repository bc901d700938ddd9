/** Ranges of numbers, as several matches have them: u32 at RangeRecord.MIN and MAX. */
import { MatchRecord, RangeRecord } from "../../shared/match-record";

// @ts-ignore: decorator
@inline
export function isWithin(at: usize, value: u32): bool {
  return value >= load<u32>(at, RangeRecord.MIN) && value <= load<u32>(at, RangeRecord.MAX);
}

/** The same, inverted if the match is. */
// @ts-ignore: decorator
@inline
export function rangeHolds(at: usize, value: u32): bool {
  return isWithin(at, value) != (load<u8>(at, MatchRecord.INVERTED) != 0);
}
