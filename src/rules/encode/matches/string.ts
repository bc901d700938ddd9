import { StringRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { StringMatch } from "../../matches/string.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const A = 0x41;
const Z = 0x5a;
const TO_SMALL = 0x20;

export function encodeString(match: StringMatch, { image }: EncodeContext): void {
  const { pattern, from, to, ignoreCase, invert } = match;
  const at = matchRecord(image, MatchKind.STRING, StringRecord.SIZE + pattern.length, Number(invert));
  image.u32(at + StringRecord.FROM, from);
  image.u32(at + StringRecord.TO, to);
  image.u8(at + StringRecord.PATTERN_LENGTH, pattern.length);
  image.u8(at + StringRecord.IGNORE_CASE, Number(ignoreCase));
  const small = (byte: number) => (byte >= A && byte <= Z ? byte | TO_SMALL : byte);
  image.bytes(at + StringRecord.PATTERN, ignoreCase ? pattern.map(small) : pattern);
}
