import { StatisticRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { StatisticMatch } from "../../matches/statistic.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeStatistic(match: StatisticMatch, { image }: EncodeContext): void {
  const random = match.mode === "random";
  const kind = random ? MatchKind.STATISTIC_RANDOM : MatchKind.STATISTIC_NTH;
  const at = matchRecord(image, kind, StatisticRecord.SIZE, Number(match.invert));
  if (random) {
    image.u32(at + StatisticRecord.EVERY, match.probability);
    return;
  }
  image.u32(at + StatisticRecord.EVERY, match.every - 1);
  image.u32(at + StatisticRecord.COUNT, match.every - 1 - match.packet);
}
