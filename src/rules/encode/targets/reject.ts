import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { RejectRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import { REJECT_ERRORS, type RejectTarget } from "../../targets/reject.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

export function encodeReject(target: RejectTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.REJECT, RejectRecord.SIZE);
  if (target.with === "tcp-reset") {
    image.u8(at + RejectRecord.RESET, 1);
  } else {
    const [type, code] = REJECT_ERRORS[target.with];
    image.u8(at + RejectRecord.TYPE, type);
    image.u8(at + RejectRecord.CODE, code);
  }
  return RuleAction.REJECT;
}
