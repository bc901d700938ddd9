import { TimeRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { TimeMatch } from "../../matches/time.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeTime(match: TimeMatch, { image, resources }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.TIME, TimeRecord.SIZE);
  image.u32(at + TimeRecord.DATE_MIN, match.date.min);
  image.u32(at + TimeRecord.DATE_MAX, match.date.max);
  image.u32(at + TimeRecord.DAYTIME_MIN, match.daytime.min);
  image.u32(at + TimeRecord.DAYTIME_MAX, match.daytime.max);
  image.u32(at + TimeRecord.MONTH_DAYS, match.monthDays);
  image.u8(at + TimeRecord.WEEK_DAYS, match.weekDays);
  const minutes = match.kernelTimezone ? (resources.minutesEast ?? 0) : 0;
  image.u32(at + TimeRecord.OFFSET, (60 * minutes) >>> 0);
  image.u8(at + TimeRecord.CONTIGUOUS, Number(match.contiguous));
}
