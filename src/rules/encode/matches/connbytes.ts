import { ConnbytesMode, ConnbytesRecord } from "../../../../assembly/shared/flow-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { ConnbytesMatch } from "../../matches/connbytes.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const DIRECTIONS = { original: 1, reply: 2, both: 3 } as const;
const MODES = {
  packets: ConnbytesMode.PACKETS,
  bytes: ConnbytesMode.BYTES,
  avgpkt: ConnbytesMode.AVERAGE,
} as const;

export function encodeConnbytes(match: ConnbytesMatch, { image, needs }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.CONNBYTES, ConnbytesRecord.SIZE, Number(match.invert));
  image.u8(at + ConnbytesRecord.DIRECTIONS, DIRECTIONS[match.direction]);
  image.u8(at + ConnbytesRecord.MODE, MODES[match.mode]);
  image.u64(at + ConnbytesRecord.MIN, match.range.min);
  image.u64(at + ConnbytesRecord.MAX, match.range.max);
  needs.accounting = true;
}
