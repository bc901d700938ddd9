import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { ConnmarkRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import type { ConnmarkTarget } from "../../targets/connmark.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

const KINDS = {
  set: TargetKind.CONNMARK_SET,
  save: TargetKind.CONNMARK_SAVE,
  restore: TargetKind.CONNMARK_RESTORE,
} as const;

export function encodeConnmarkTarget(target: ConnmarkTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, KINDS[target.operation], ConnmarkRecord.SIZE);
  image.u8(at + ConnmarkRecord.SHIFT, target.shift);
  image.u32(at + ConnmarkRecord.VALUE, target.value);
  image.u32(at + ConnmarkRecord.CT_MASK, target.ctMask);
  image.u32(at + ConnmarkRecord.NF_MASK, target.nfMask);
  return RuleAction.APPLY;
}
