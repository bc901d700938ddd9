import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { MarkTargetRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import type { MarkTarget } from "../../targets/mark.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

export function encodeMarkTarget({ value, mask }: MarkTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.MARK, MarkTargetRecord.SIZE);
  image.u32(at + MarkTargetRecord.VALUE, value);
  image.u32(at + MarkTargetRecord.MASK, mask);
  return RuleAction.APPLY;
}
