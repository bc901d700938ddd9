import { RtCheck, RtRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { RtMatch } from "../../matches/rt.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeRt(match: RtMatch, { image }: EncodeContext): void {
  const { type, segmentsLeft, length, reserved, addresses, notStrict } = match;
  const inverted =
    (segmentsLeft.invert ? RtCheck.SEGMENTS : 0) |
    (type?.invert ? RtCheck.TYPE : 0) |
    (length?.invert ? RtCheck.LENGTH : 0);
  const at = matchRecord(image, MatchKind.RT, RtRecord.SIZE + 16 * addresses.length, inverted);
  image.u32(at + RtRecord.SEGMENTS_MIN, segmentsLeft.min);
  image.u32(at + RtRecord.SEGMENTS_MAX, segmentsLeft.max);
  image.u16(at + RtRecord.HEADER_LENGTH, length?.bytes ?? 0);
  image.u8(at + RtRecord.TYPE, type?.number ?? 0);
  const checks =
    (type ? RtCheck.TYPE : 0) |
    (length ? RtCheck.LENGTH : 0) |
    (reserved ? RtCheck.RESERVED : 0) |
    (addresses.length > 0 ? RtCheck.ADDRESSES : 0) |
    (notStrict ? RtCheck.NOT_STRICT : 0);
  image.u8(at + RtRecord.CHECKS, checks);
  image.u8(at + RtRecord.ADDRESS_COUNT, addresses.length);
  addresses.forEach((address, i) => {
    image.bytes(at + RtRecord.ADDRESSES + 16 * i, address);
  });
}
