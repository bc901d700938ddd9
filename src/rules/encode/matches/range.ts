import { MatchKind, RangeRecord } from "../../../../assembly/shared/match-record.js";
import type { EspMatch } from "../../matches/esp.js";
import type { LengthMatch } from "../../matches/length.js";
import type { TcpmssMatch } from "../../matches/tcpmss.js";
import type { Range } from "../../values.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

/** Matches that are nothing but a range of numbers. */
function encode(kind: MatchKind, { min, max }: Range, invert: boolean, { image }: EncodeContext): void {
  const at = matchRecord(image, kind, RangeRecord.SIZE, Number(invert));
  image.u32(at + RangeRecord.MIN, min);
  image.u32(at + RangeRecord.MAX, max);
}

export function encodeEsp({ spi }: EspMatch, context: EncodeContext): void {
  encode(MatchKind.ESP, spi, spi.invert, context);
}

export function encodeLength({ range, invert }: LengthMatch, context: EncodeContext): void {
  encode(MatchKind.LENGTH, range, invert, context);
}

export function encodeTcpmss({ range, invert }: TcpmssMatch, context: EncodeContext): void {
  encode(MatchKind.TCPMSS, range, invert, context);
}
