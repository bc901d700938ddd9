import { MarkRecord } from "../../../../assembly/shared/flow-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { ConnmarkMatch } from "../../matches/connmark.js";
import type { MarkMatch } from "../../matches/mark.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeMark(match: MarkMatch, context: EncodeContext): void {
  encode(MatchKind.MARK, match, context);
}

export function encodeConnmark(match: ConnmarkMatch, context: EncodeContext): void {
  encode(MatchKind.CONNMARK, match, context);
}

function encode(
  kind: MatchKind,
  { mark, invert }: MarkMatch | ConnmarkMatch,
  { image }: EncodeContext,
): void {
  const at = matchRecord(image, kind, MarkRecord.SIZE, Number(invert));
  image.u32(at + MarkRecord.VALUE, mark.value);
  image.u32(at + MarkRecord.MASK, mark.mask);
}
