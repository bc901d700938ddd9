import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { LogTargetRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import type { LogTarget } from "../../targets/log.js";
import type { NflogTarget } from "../../targets/nflog.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

const ALL = 0xffffffff;

/** The words are found when the log is read: only the packet is kept. */
export function encodeLog(_target: LogTarget, context: EncodeContext): RuleAction {
  return encode(ALL, context);
}

export function encodeNflog({ size }: NflogTarget, context: EncodeContext): RuleAction {
  return encode(size ?? ALL, context);
}

function encode(bytes: number, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.LOG, LogTargetRecord.SIZE);
  image.u32(at + LogTargetRecord.BYTES, bytes);
  return RuleAction.APPLY;
}
