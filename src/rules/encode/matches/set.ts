import { NO_COMPARISON, SetMatchFlag, SetMatchRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { SetMatch } from "../../matches/set.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";
import { writeSetUse } from "../set-use.js";
import { COMPARISONS } from "./hop-limit.js";

export function encodeSet(match: SetMatch, context: EncodeContext): void {
  const { image } = context;
  const { packets, bytes, returnNomatch, updateCounters, updateSubcounters } = match;
  const at = matchRecord(image, MatchKind.SET, SetMatchRecord.SIZE, Number(match.invert));
  const flags =
    (returnNomatch ? SetMatchFlag.RETURN_NOMATCH : 0) |
    (updateCounters ? 0 : SetMatchFlag.KEEP_COUNTERS) |
    (updateSubcounters ? 0 : SetMatchFlag.KEEP_SUBCOUNTERS);
  image.u8(at + SetMatchRecord.FLAGS, flags);
  writeSetUse(context, at + SetMatchRecord.USE, match);
  image.u8(at + SetMatchRecord.PACKETS, packets ? COMPARISONS[packets.comparison] : NO_COMPARISON);
  image.u8(at + SetMatchRecord.BYTES, bytes ? COMPARISONS[bytes.comparison] : NO_COMPARISON);
  image.u64(at + SetMatchRecord.PACKETS_VALUE, packets?.value ?? 0n);
  image.u64(at + SetMatchRecord.BYTES_VALUE, bytes?.value ?? 0n);
}
