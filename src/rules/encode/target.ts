/** Which target is encoded how. */
import { RuleAction } from "../../../assembly/shared/rule-record.js";
import { TargetKind, TargetRecord } from "../../../assembly/shared/target-record.js";
import type { Target } from "../targets/index.js";
import type { JumpTarget } from "../targets/jump.js";
import { badRule, type EncodeContext } from "./context.js";
import { targetRecord } from "./record.js";
import { encodeClassify } from "./targets/classify.js";
import { encodeConnmarkTarget } from "./targets/connmark.js";
import { encodeCt, encodeNotrack } from "./targets/ct.js";
import { encodeHopLimitTarget } from "./targets/hop-limit.js";
import { encodeLog, encodeNflog } from "./targets/log.js";
import { encodeMarkTarget } from "./targets/mark.js";
import { encodeNat, encodeNetmap } from "./targets/nat.js";
import { encodeReject } from "./targets/reject.js";
import { encodeSetTarget } from "./targets/set.js";
import { encodeTcpmssTarget } from "./targets/tcpmss.js";
import { encodeTcpoptstrip } from "./targets/tcpoptstrip.js";
import { encodeDscpTarget, encodeTosTarget } from "./targets/tos.js";

type Encoder<N> = (target: Extract<Target, { readonly name: N }>, context: EncodeContext) => RuleAction;

/** Targets that the rule's head, or their kind, says all about. */
const plain =
  (action: RuleAction, kind = TargetKind.NONE) =>
  (_: unknown, { image }: EncodeContext): RuleAction => {
    targetRecord(image, kind, TargetRecord.SIZE);
    return action;
  };

/** Checksums are always complete here, so CHECKSUM has nothing to fill in. */
const NOTHING = plain(RuleAction.CONTINUE);

const ENCODERS: { readonly [N in Target["name"]]?: Encoder<N> } = {
  ACCEPT: plain(RuleAction.ACCEPT),
  CHECKSUM: NOTHING,
  CLASSIFY: encodeClassify,
  CONNMARK: encodeConnmarkTarget,
  CT: encodeCt,
  DNAT: encodeNat,
  DROP: plain(RuleAction.DROP),
  DSCP: encodeDscpTarget,
  ECN: plain(RuleAction.APPLY, TargetKind.ECN),
  HL: encodeHopLimitTarget,
  LOG: encodeLog,
  MARK: encodeMarkTarget,
  MASQUERADE: encodeNat,
  NETMAP: encodeNetmap,
  NFLOG: encodeNflog,
  NOTRACK: encodeNotrack,
  REDIRECT: encodeNat,
  REJECT: encodeReject,
  RETURN: plain(RuleAction.RETURN),
  SET: encodeSetTarget,
  SNAT: encodeNat,
  TCPMSS: encodeTcpmssTarget,
  TCPOPTSTRIP: encodeTcpoptstrip,
  TOS: encodeTosTarget,
  TRACE: plain(RuleAction.APPLY, TargetKind.TRACE),
  TTL: encodeHopLimitTarget,
  jump: encodeJump,
};

function encodeJump({ goto }: JumpTarget, context: EncodeContext): RuleAction {
  return plain(goto ? RuleAction.GOTO : RuleAction.JUMP)(undefined, context);
}

/** Writes the target's record and says what the rule does. */
export function encodeTarget(target: Target | undefined, context: EncodeContext): RuleAction {
  if (!target) return NOTHING(undefined, context);
  const encode = ENCODERS[target.name] as Encoder<Target["name"]> | undefined;
  if (!encode) throw badRule(context.rule, `target "${target.name}" is not supported`);
  return encode(target, context);
}
