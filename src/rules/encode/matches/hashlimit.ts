import { HashlimitKey, HashlimitRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import {
  BYTE_CREDITS,
  CREDITS_PER_TICK_PACKETS,
  TICKS_PER_SECOND,
} from "../../../../assembly/shared/ticks.js";
import type { HashlimitMatch } from "../../matches/hashlimit.js";
import { badRule, type EncodeContext, type HashlimitSettings } from "../context.js";
import { matchRecord } from "../record.js";

const KEYS = {
  srcip: HashlimitKey.SOURCE,
  dstip: HashlimitKey.DESTINATION,
  srcport: HashlimitKey.SOURCE_PORT,
  dstport: HashlimitKey.DESTINATION_PORT,
} as const;

/** What Linux takes on a machine with more than 1 GiB of memory. */
const DEFAULT_BUCKETS = 8192;
const ENTRIES_A_BUCKET = 8;

/** Microseconds in credits: the quotient is rounded first, as in Linux. */
const CREDITS_PER_MICROSECOND = (BigInt(TICKS_PER_SECOND) * BigInt(CREDITS_PER_TICK_PACKETS)) / 1000000n;

export function encodeHashlimit(match: HashlimitMatch, context: EncodeContext): void {
  const { image, family, resources } = context;
  const at = matchRecord(
    image,
    MatchKind.HASHLIMIT,
    HashlimitRecord.SIZE,
    Number(match.comparison === "above"),
  );
  image.u32(at + HashlimitRecord.TABLE, resources.hashlimit(match.table, family, settingsOf(match, context)));
}

function settingsOf(match: HashlimitMatch, { rule }: EncodeContext): HashlimitSettings {
  const { rate, size = DEFAULT_BUCKETS, sourcePrefix, destinationPrefix } = match;
  const keys = match.mode.reduce((bits, name) => bits | KEYS[name], 0);
  const settings = {
    max: Math.max(match.max ?? ENTRIES_A_BUCKET * size, size),
    expire: ticks(match.expire),
    gcInterval: Math.max(ticks(match.gcInterval), 1),
    sourcePrefix,
    destinationPrefix,
  };
  if (rate.unit === "packets") {
    const cost = credits(BigInt(rate.cost));
    const cap = credits(BigInt(rate.cost) * BigInt(rate.burst));
    if (rate.burst === 0 || cap < cost)
      throw badRule(rule, "hashlimit: the burst is too large for this rate");
    return { ...settings, mode: keys, cost, cap };
  }
  const cost = (BigInt(rate.cost) * BigInt(BYTE_CREDITS)) >> 32n;
  return { ...settings, mode: keys | HashlimitKey.BYTES, cost, cap: BigInt(rate.burst) };
}

function credits(microseconds: bigint): bigint {
  return BigInt.asUintN(64, BigInt.asUintN(64, microseconds) * CREDITS_PER_MICROSECOND);
}

function ticks(milliseconds: number): number {
  return Math.ceil((milliseconds * TICKS_PER_SECOND) / 1000);
}
