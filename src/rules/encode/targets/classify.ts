import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { ClassifyRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import type { ClassifyTarget } from "../../targets/classify.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

export function encodeClassify({ priority }: ClassifyTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.CLASSIFY, ClassifyRecord.SIZE);
  image.u32(at + ClassifyRecord.PRIORITY, priority);
  return RuleAction.APPLY;
}
