import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import {
  HopLimitChange,
  HopLimitTargetRecord,
  TargetKind,
} from "../../../../assembly/shared/target-record.js";
import type { HopLimitTarget } from "../../targets/hop-limit.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

const CHANGES = {
  set: HopLimitChange.SET,
  inc: HopLimitChange.INCREASE,
  dec: HopLimitChange.DECREASE,
} as const;

export function encodeHopLimitTarget(
  { operation, value }: HopLimitTarget,
  { image }: EncodeContext,
): RuleAction {
  const at = targetRecord(image, TargetKind.HOP_LIMIT, HopLimitTargetRecord.SIZE);
  image.u8(at + HopLimitTargetRecord.CHANGE, CHANGES[operation]);
  image.u8(at + HopLimitTargetRecord.VALUE, value);
  return RuleAction.APPLY;
}
