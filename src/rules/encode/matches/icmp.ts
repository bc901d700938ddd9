import { IcmpRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { IcmpMatch } from "../../matches/icmp.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeIcmp({ type, code, invert }: IcmpMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.ICMP, IcmpRecord.SIZE, Number(invert));
  image.u8(at + IcmpRecord.ANY_TYPE, Number(type === undefined));
  image.u8(at + IcmpRecord.TYPE, type ?? 0);
  image.u8(at + IcmpRecord.CODE_MIN, code.min);
  image.u8(at + IcmpRecord.CODE_MAX, code.max);
}
