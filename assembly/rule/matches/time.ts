/** `-m time`: when the packet comes. Its time counts as milliseconds since 1970, UTC, or by the kernel's time zone. */
import { Packet } from "../../layout";
import { TimeRecord } from "../../shared/counting-records";
import { outcome, Outcome } from "../outcome";

const DAY: i64 = 86400;
/** 1970 began on a Thursday. */
const FIRST_WEEKDAY: i64 = 3;
const ALL_MONTH_DAYS: u32 = 0xfffffffe;

export function matchTime(at: usize, packet: Packet): Outcome {
  let seconds = <i64>Math.floor(packet.time / 1000) + load<i32>(at, TimeRecord.OFFSET);
  if (seconds < load<u32>(at, TimeRecord.DATE_MIN) || seconds > load<u32>(at, TimeRecord.DATE_MAX)) {
    return Outcome.FAILS;
  }
  const daytime = <u32>(seconds % DAY);
  const min = load<u32>(at, TimeRecord.DAYTIME_MIN);
  const max = load<u32>(at, TimeRecord.DAYTIME_MAX);
  if (min < max) {
    if (daytime < min || daytime > max) return Outcome.FAILS;
  } else {
    if (daytime < min && daytime > max) return Outcome.FAILS;
    if (load<u8>(at, TimeRecord.CONTIGUOUS) && daytime <= max) seconds -= DAY;
  }
  const day = seconds / DAY;
  const weekday = <u32>((day + FIRST_WEEKDAY) % 7) + 1;
  if (!((load<u8>(at, TimeRecord.WEEK_DAYS) >>> weekday) & 1)) return Outcome.FAILS;
  const monthDays = load<u32>(at, TimeRecord.MONTH_DAYS);
  return outcome(monthDays == ALL_MONTH_DAYS || ((monthDays >>> dayOfMonth(day)) & 1) != 0);
}

/** From 1. Years are counted from March on, so that the leap day is the last of them. */
function dayOfMonth(day: i64): u32 {
  const sinceMarch0 = day + 719468;
  const ofEra = sinceMarch0 % 146097;
  const year = (ofEra - ofEra / 1460 + ofEra / 36524 - ofEra / 146096) / 365;
  const ofYear = ofEra - (365 * year + year / 4 - year / 100);
  const month = (5 * ofYear + 2) / 153;
  return <u32>(ofYear - (153 * month + 2) / 5 + 1);
}
