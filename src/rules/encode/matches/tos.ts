import { TosRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { DscpMatch } from "../../matches/dscp.js";
import type { TosMatch } from "../../matches/tos.js";
import type { Masked } from "../../values.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export const DSCP_SHIFT = 2;
export const DSCP_MASK = 0xfc;

export function encodeTos({ tos, invert }: TosMatch, context: EncodeContext): void {
  encode(tos, invert, context);
}

/** The upper six bits of the same byte. */
export function encodeDscp({ dscp, invert }: DscpMatch, context: EncodeContext): void {
  encode({ value: dscp << DSCP_SHIFT, mask: DSCP_MASK }, invert, context);
}

function encode({ value, mask }: Masked, invert: boolean, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.TOS, TosRecord.SIZE, Number(invert));
  image.u8(at + TosRecord.VALUE, value);
  image.u8(at + TosRecord.MASK, mask);
}
