import { AhRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { AhMatch } from "../../matches/ah.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeAh({ spi, length, reserved }: AhMatch, { image }: EncodeContext): void {
  const inverted = Number(spi.invert) | (length?.invert ? 2 : 0);
  const at = matchRecord(image, MatchKind.AH, AhRecord.SIZE, inverted);
  image.u32(at + AhRecord.MIN, spi.min);
  image.u32(at + AhRecord.MAX, spi.max);
  image.u16(at + AhRecord.HEADER_LENGTH, length?.bytes ?? 0);
  image.u8(at + AhRecord.RESERVED, Number(reserved));
}
