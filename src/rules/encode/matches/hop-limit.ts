import { HopLimitRecord } from "../../../../assembly/shared/header-records.js";
import { Comparison, MatchKind } from "../../../../assembly/shared/match-record.js";
import type { HopLimitMatch } from "../../matches/hop-limit.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export const COMPARISONS = {
  eq: Comparison.EQ,
  ne: Comparison.NE,
  lt: Comparison.LT,
  gt: Comparison.GT,
} as const;

export function encodeHopLimit({ comparison, value }: HopLimitMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.HOP_LIMIT, HopLimitRecord.SIZE);
  image.u8(at + HopLimitRecord.COMPARISON, COMPARISONS[comparison]);
  image.u8(at + HopLimitRecord.VALUE, value);
}
