/** Which target is encoded how. */
import { RuleAction } from "../../../assembly/shared/rule-record.js";
import { TargetKind, TargetRecord } from "../../../assembly/shared/target-record.js";
import type { Target } from "../targets/index.js";
import { badRule, type EncodeContext } from "./context.js";
import { targetRecord } from "./record.js";
import { encodeMarkTarget } from "./targets/mark.js";
import { encodeNat, encodeNetmap } from "./targets/nat.js";
import { encodeReject } from "./targets/reject.js";

type Encoder<T> = (target: T, context: EncodeContext) => RuleAction;

/** Verdicts and jumps say all in the rule's head. */
const plain =
  (action: RuleAction): Encoder<never> =>
  (_, { image }) => {
    targetRecord(image, TargetKind.NONE, TargetRecord.SIZE);
    return action;
  };

const ENCODERS: { readonly [N in Target["name"]]?: Encoder<never> } = {
  ACCEPT: plain(RuleAction.ACCEPT),
  DROP: plain(RuleAction.DROP),
  RETURN: plain(RuleAction.RETURN),
  MARK: encodeMarkTarget,
  REJECT: encodeReject,
  SNAT: encodeNat,
  DNAT: encodeNat,
  MASQUERADE: encodeNat,
  REDIRECT: encodeNat,
  NETMAP: encodeNetmap,
};

/** Writes the target's record and says what the rule does. */
export function encodeTarget(target: Target | undefined, context: EncodeContext): RuleAction {
  if (!target) return plain(RuleAction.CONTINUE)(undefined as never, context);
  if (target.name === "jump") {
    return plain(target.goto ? RuleAction.GOTO : RuleAction.JUMP)(undefined as never, context);
  }
  const encode = ENCODERS[target.name] as Encoder<Target> | undefined;
  if (!encode) throw badRule(context.rule, `target "${target.name}" is not supported`);
  return encode(target, context);
}
