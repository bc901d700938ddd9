import { TimeRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { TimeMatch } from "../../matches/time.js";
import { badRule, type EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeTime(match: TimeMatch, { image, rule }: EncodeContext): void {
  if (match.kernelTimezone) throw badRule(rule, "time: --kerneltz is not supported, there is no kernel");
  const at = matchRecord(image, MatchKind.TIME, TimeRecord.SIZE);
  image.u32(at + TimeRecord.DATE_MIN, match.date.min);
  image.u32(at + TimeRecord.DATE_MAX, match.date.max);
  image.u32(at + TimeRecord.DAYTIME_MIN, match.daytime.min);
  image.u32(at + TimeRecord.DAYTIME_MAX, match.daytime.max);
  image.u32(at + TimeRecord.MONTH_DAYS, match.monthDays);
  image.u8(at + TimeRecord.WEEK_DAYS, match.weekDays);
  image.u8(at + TimeRecord.CONTIGUOUS, Number(match.contiguous));
}
