import { LimitRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import { CREDITS_PER_TICK, TICKS_PER_SECOND } from "../../../../assembly/shared/ticks.js";
import type { LimitMatch } from "../../matches/limit.js";
import { badRule, type EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const UNITS_PER_SECOND = 10000;
const CREDITS_PER_SECOND = CREDITS_PER_TICK * TICKS_PER_SECOND;
const MAX = 0xffffffff;

/** The bucket starts full. */
export function encodeLimit({ cost, burst }: LimitMatch, { image, rule }: EncodeContext): void {
  const price = credits(cost);
  const cap = credits((cost * burst) % (MAX + 1));
  if (burst === 0 || cap < price) throw badRule(rule, "limit: the burst is too large for this rate");
  const at = matchRecord(image, MatchKind.LIMIT, LimitRecord.SIZE);
  image.u32(at + LimitRecord.COST, price);
  image.u32(at + LimitRecord.CAP, cap);
  image.u32(at + LimitRecord.CREDIT, cap);
}

/** As Linux calculates: what would not fit into 32 bits is divided first. */
function credits(units: number): number {
  if (units > Math.floor(MAX / CREDITS_PER_SECOND)) {
    return (Math.floor(units / UNITS_PER_SECOND) * CREDITS_PER_SECOND) % (MAX + 1);
  }
  return Math.floor((units * CREDITS_PER_SECOND) / UNITS_PER_SECOND);
}
