import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { TargetKind, TcpmssRecord } from "../../../../assembly/shared/target-record.js";
import type { TcpmssTarget } from "../../targets/tcpmss.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

export function encodeTcpmssTarget({ mss }: TcpmssTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.TCPMSS, TcpmssRecord.SIZE);
  image.u16(at + TcpmssRecord.MSS, mss === "path MTU" ? 0 : mss);
  return RuleAction.APPLY;
}
