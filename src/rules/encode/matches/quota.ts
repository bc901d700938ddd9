import { QuotaRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { QuotaMatch } from "../../matches/quota.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeQuota({ bytes, invert }: QuotaMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.QUOTA, QuotaRecord.SIZE, Number(invert));
  image.u64(at + QuotaRecord.LEFT, bytes);
}
