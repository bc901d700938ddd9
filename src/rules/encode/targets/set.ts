import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { SetTargetFlag, SetTargetRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import type { SetTarget } from "../../targets/set.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";
import { writeSetUse } from "../set-use.js";

export function encodeSetTarget({ add, delete: remove, map }: SetTarget, context: EncodeContext): RuleAction {
  const { image } = context;
  const at = targetRecord(image, TargetKind.SET, SetTargetRecord.SIZE);
  const flags =
    (add?.exist ? SetTargetFlag.EXIST : 0) |
    (add?.timeout !== undefined ? SetTargetFlag.TIMEOUT : 0) |
    (map?.mark ? SetTargetFlag.MAP_MARK : 0) |
    (map?.priority ? SetTargetFlag.MAP_PRIORITY : 0);
  image.u8(at + SetTargetRecord.FLAGS, flags);
  image.u32(at + SetTargetRecord.TIMEOUT, Math.min(add?.timeout ?? 0, LONGEST_TIMEOUT));
  if (add) writeSetUse(context, at + SetTargetRecord.ADD, add);
  if (remove) writeSetUse(context, at + SetTargetRecord.DELETE, remove);
  if (map) writeSetUse(context, at + SetTargetRecord.MAP, map);
  return RuleAction.APPLY;
}

/** Seconds that an element of a set may have at most, in Linux, too. */
const LONGEST_TIMEOUT = 2147483;
