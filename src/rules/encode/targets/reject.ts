import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { RejectRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import type { RejectTarget, RejectType } from "../../targets/reject.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

const UNREACHABLE4 = 3;
const UNREACHABLE6 = 1;

/** Type and code of the ICMP errors (IANA). */
const ERRORS: { readonly [T in Exclude<RejectType, "tcp-reset">]: readonly [type: number, code: number] } = {
  "icmp-net-unreachable": [UNREACHABLE4, 0],
  "icmp-host-unreachable": [UNREACHABLE4, 1],
  "icmp-proto-unreachable": [UNREACHABLE4, 2],
  "icmp-port-unreachable": [UNREACHABLE4, 3],
  "icmp-net-prohibited": [UNREACHABLE4, 9],
  "icmp-host-prohibited": [UNREACHABLE4, 10],
  "icmp-admin-prohibited": [UNREACHABLE4, 13],
  "icmp6-no-route": [UNREACHABLE6, 0],
  "icmp6-adm-prohibited": [UNREACHABLE6, 1],
  "icmp6-addr-unreachable": [UNREACHABLE6, 3],
  "icmp6-port-unreachable": [UNREACHABLE6, 4],
  "icmp6-policy-fail": [UNREACHABLE6, 5],
  "icmp6-reject-route": [UNREACHABLE6, 6],
};

export function encodeReject(target: RejectTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.REJECT, RejectRecord.SIZE);
  if (target.with === "tcp-reset") {
    image.u8(at + RejectRecord.RESET, 1);
  } else {
    const [type, code] = ERRORS[target.with];
    image.u8(at + RejectRecord.TYPE, type);
    image.u8(at + RejectRecord.CODE, code);
  }
  return RuleAction.REJECT;
}
