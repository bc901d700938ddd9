import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { TargetKind, TcpoptstripRecord } from "../../../../assembly/shared/target-record.js";
import type { TcpoptstripTarget } from "../../targets/tcpoptstrip.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

export function encodeTcpoptstrip({ kinds }: TcpoptstripTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.TCPOPTSTRIP, TcpoptstripRecord.SIZE);
  const bits = new Uint8Array(32);
  for (const kind of kinds) bits[kind >> 3]! |= 1 << (kind & 7);
  image.bytes(at + TcpoptstripRecord.KINDS, bits);
  return RuleAction.APPLY;
}
