import { MacRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { MacMatch } from "../../matches/mac.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeMac({ source, invert }: MacMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.MAC, MacRecord.SIZE, Number(invert));
  image.bytes(at + MacRecord.ADDRESS, source);
}
