import { EventBit } from "../../../../assembly/shared/event.js";
import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { CtRecord, CtZone, TargetKind, TargetRecord } from "../../../../assembly/shared/target-record.js";
import type { CtEventName, CtTarget } from "../../targets/ct.js";
import { badRule, type EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

const EVENTS: { readonly [name in CtEventName]: EventBit } = {
  new: EventBit.NEW,
  related: EventBit.RELATED,
  destroy: EventBit.DESTROY,
  reply: EventBit.REPLY,
  assured: EventBit.ASSURED,
  protoinfo: EventBit.PROTOINFO,
  helper: EventBit.HELPER,
  mark: EventBit.MARK,
  natseqinfo: EventBit.SEQADJ,
  secmark: EventBit.SECMARK,
};

const DIRECTIONS = {
  both: CtZone.ORIGINAL | CtZone.REPLY,
  original: CtZone.ORIGINAL,
  reply: CtZone.REPLY,
} as const;

export function encodeCt(target: CtTarget, context: EncodeContext): RuleAction {
  const { image, rule } = context;
  if (target.notrack) return encodeNotrack(target, context);
  const at = targetRecord(image, TargetKind.CT, CtRecord.SIZE);
  const { zone, helper, timeout, events, expectationEvents } = target;
  if (zone) {
    const byMark = zone.zone === "mark";
    image.u16(at + CtRecord.ZONE, byMark ? 0 : Number(zone.zone));
    image.u8(at + CtRecord.ZONE_OF, DIRECTIONS[zone.direction] | (byMark ? CtZone.MARK : 0));
  }
  if (helper !== undefined) image.u16(at + CtRecord.HELPER, helperNumber(helper, context));
  if (timeout !== undefined) {
    const number = context.resources.timeoutPolicy(timeout, protocolOf(rule));
    if (!number) throw badRule(rule, `there is no timeout policy "${timeout}" for this protocol`);
    image.u16(at + CtRecord.TIMEOUT_POLICY, number);
  }
  if (events || expectationEvents) {
    const all = Object.values(EVENTS).reduce((bits, bit) => bits | bit, 0);
    const chosen = events ? events.reduce((bits, name) => bits | EVENTS[name], 0) : all;
    image.u8(at + CtRecord.EVENTS_CHOSEN, 1);
    image.u16(at + CtRecord.EVENT_MASK, chosen);
    image.u8(at + CtRecord.EXPECTATION_EVENTS, Number(!expectationEvents || expectationEvents.length > 0));
  }
  return RuleAction.APPLY;
}

/** `NOTRACK`, and `CT --notrack`. */
export function encodeNotrack(_: unknown, { image }: EncodeContext): RuleAction {
  targetRecord(image, TargetKind.NOTRACK, TargetRecord.SIZE);
  return RuleAction.APPLY;
}

function helperNumber(helper: string, { resources, rule, family }: EncodeContext): number {
  const number = resources.helper(helper, protocolOf(rule), family);
  if (!number) throw badRule(rule, `there is no helper "${helper}" for this protocol`);
  return number;
}

function protocolOf({ protocol }: EncodeContext["rule"]): number | undefined {
  return protocol?.invert === false ? protocol.number : undefined;
}
