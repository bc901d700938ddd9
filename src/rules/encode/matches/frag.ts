import { FragCheck, FragRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { FragMatch } from "../../matches/frag.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeFrag({ id, reserved, first, more, last }: FragMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.FRAG, FragRecord.SIZE, Number(id.invert));
  image.u32(at + FragRecord.MIN, id.min);
  image.u32(at + FragRecord.MAX, id.max);
  const checks =
    (reserved ? FragCheck.RESERVED : 0) |
    (first ? FragCheck.FIRST : 0) |
    (more ? FragCheck.MORE : 0) |
    (last ? FragCheck.LAST : 0);
  image.u8(at + FragRecord.CHECKS, checks);
}
