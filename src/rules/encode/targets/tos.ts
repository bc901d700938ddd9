import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { TargetKind, TosTargetRecord } from "../../../../assembly/shared/target-record.js";
import type { DscpTarget } from "../../targets/dscp.js";
import type { TosTarget } from "../../targets/tos.js";
import type { EncodeContext } from "../context.js";
import { DSCP_MASK, DSCP_SHIFT } from "../matches/tos.js";
import { targetRecord } from "../record.js";

export function encodeTosTarget({ value, mask }: TosTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.TOS, TosTargetRecord.SIZE);
  image.u8(at + TosTargetRecord.VALUE, value);
  image.u8(at + TosTargetRecord.MASK, mask);
  return RuleAction.APPLY;
}

/** The upper six bits of the same byte. */
export function encodeDscpTarget({ dscp }: DscpTarget, context: EncodeContext): RuleAction {
  return encodeTosTarget({ name: "TOS", value: dscp << DSCP_SHIFT, mask: DSCP_MASK }, context);
}
