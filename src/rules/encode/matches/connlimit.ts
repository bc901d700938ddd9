import { ConnlimitRecord } from "../../../../assembly/shared/counting-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { ConnlimitMatch } from "../../matches/connlimit.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeConnlimit(match: ConnlimitMatch, { image, needs }: EncodeContext): void {
  const { comparison, address, limit, mask } = match;
  const at = matchRecord(image, MatchKind.CONNLIMIT, ConnlimitRecord.SIZE, Number(comparison === "upto"));
  image.u8(at + ConnlimitRecord.DESTINATION, Number(address === "destination"));
  image.u32(at + ConnlimitRecord.LIMIT, limit);
  image.bytes(at + ConnlimitRecord.MASK, mask);
  needs.connlimits.push(at);
}
