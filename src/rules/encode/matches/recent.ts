import { RecentOperation, RecentRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { RecentMatch } from "../../matches/recent.js";
import { badRule, type EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const OPERATIONS = {
  set: RecentOperation.SET,
  rcheck: RecentOperation.CHECK,
  update: RecentOperation.UPDATE,
  remove: RecentOperation.REMOVE,
} as const;

/** Stamps that a list keeps at most of an address, and by default. */
const MAX_STAMPS = 256;

export function encodeRecent(match: RecentMatch, { image, resources, rule }: EncodeContext): void {
  const { hitcount } = match;
  if (hitcount >= MAX_STAMPS) throw badRule(rule, `recent: --hitcount must be less than ${MAX_STAMPS}`);
  const at = matchRecord(image, MatchKind.RECENT, RecentRecord.SIZE, Number(match.invert));
  image.u8(at + RecentRecord.OPERATION, OPERATIONS[match.operation]);
  image.u8(at + RecentRecord.DESTINATION, Number(match.address === "destination"));
  image.u8(at + RecentRecord.TTL, Number(match.ttl));
  image.u8(at + RecentRecord.REAP, Number(match.reap));
  image.u32(at + RecentRecord.SECONDS, match.seconds);
  image.u32(at + RecentRecord.HITS, hitcount);
  const stamps = hitcount === 0 ? MAX_STAMPS : 2 ** Math.ceil(Math.log2(hitcount));
  image.u32(at + RecentRecord.LIST, resources.recentList(match.list, stamps, match.mask));
}
