/** The way of a packet through a table's chain: rule by rule, into chains and back, to a verdict. */
import { Packet, PacketFlag } from "../layout";
import { ClassifierTag } from "../shared/classifier-record";
import { ChainRecord, ProgramRecord, RuleAction, RuleRecord } from "../shared/rule-record";
import { TraceKind } from "../shared/log-kind";
import { RuleVerdict } from "../shared/rule-verdict";
import { checksHold } from "./checks";
import { firstCandidate, nextCandidate } from "./classifier";
import { visit, writeSight } from "./journal";
import { matchesHold } from "./match";
import { Outcome } from "./outcome";
import { baseChain, currentProgram } from "./program";
import { applyTarget } from "./target";
import { traceEnd, traceRule } from "./trace";

/** What the stack has of a chain that has been left for another: the rule that did so, and itself. */
const FRAME: u32 = 8;
const CALLER: usize = 4;


@unmanaged
class Decision {
  /** The last rule that decided, 0 for a policy. */
  rule: u32;
}

const decision = changetype<Decision>(memory.data(offsetof<Decision>(), 4));

/** Whether the table has a chain at the hook: without rules, too, its policy decides and counts. */
// @ts-ignore: decorator
@inline
export function tableMatters(table: u32, family: u32, hook: u32): bool {
  return currentProgram() != 0 && baseChain(table, family, hook) != 0;
}

/** Address of the record of the target that said REJECT or NAT. */
export function decidingTarget(): u32 {
  return load<u32>(decision.rule, RuleRecord.TARGET);
}

/** What the table's chain at the hook that the packet is in says of it. Only where the table matters. */
export function runTable(table: u32, packet: Packet): RuleVerdict {
  const chain = baseChain(table, packet.family, packet.at);
  const stack = load<u32>(currentProgram(), ProgramRecord.STACK);
  let top = stack;
  let current = chain;
  let rule = load<u32>(chain, ChainRecord.ENTRY);
  const explained = (packet.flags & PacketFlag.EXPLAINED) != 0;
  if (explained) writeSight(packet);
  while (true) {
    if (rule & ClassifierTag.CONTINUE) rule = candidate(rule, packet);
    if (!rule) {
      if (current != chain) traceEnd(TraceKind.RETURN, current, packet);
      if (top == stack) return byPolicy(chain, table, packet);
      top -= FRAME;
      current = load<u32>(top, CALLER);
      rule = load<u32>(load<u32>(top), RuleRecord.NEXT);
      continue;
    }
    let held = explained ? visit(rule, packet) : checksHold(rule, packet);
    if (held == Outcome.HOLDS && !explained) held = matchesHold(rule, packet);
    if (held != Outcome.HOLDS) {
      if (held == Outcome.DROPS) return byRule(rule, table, packet, RuleVerdict.DROP);
      if (held == Outcome.DOOMS) return carryOut(rule, table, packet);
      rule = load<u32>(rule, RuleRecord.NEXT);
      continue;
    }
    count(rule + RuleRecord.COUNTERS, packet);
    traceRule(rule, packet);
    switch (<u32>load<u8>(rule, RuleRecord.ACTION)) {
      case RuleAction.ACCEPT:
        return byRule(rule, table, packet, RuleVerdict.ACCEPT);
      case RuleAction.DROP:
        return byRule(rule, table, packet, RuleVerdict.DROP);
      case RuleAction.RETURN:
        if (top == stack) return byPolicy(chain, table, packet);
        top -= FRAME;
        current = load<u32>(top, CALLER);
        rule = load<u32>(load<u32>(top), RuleRecord.NEXT);
        continue;
      case RuleAction.JUMP:
        store<u32>(top, rule);
        store<u32>(top, current, CALLER);
        top += FRAME;
      case RuleAction.GOTO:
        current = load<u32>(rule, RuleRecord.CHAIN);
        rule = load<u32>(current, ChainRecord.ENTRY);
        continue;
      case RuleAction.REJECT:
        return byRule(rule, table, packet, RuleVerdict.REJECT);
      case RuleAction.NAT:
        return byRule(rule, table, packet, RuleVerdict.NAT);
      case RuleAction.APPLY:
        if (!applyTarget(rule, packet)) {
          return byRule(rule, table, packet, RuleVerdict.DROP);
        }
        if (explained) writeSight(packet);
      default:
        rule = load<u32>(rule, RuleRecord.NEXT);
    }
  }
}

/** A rule's last deed for a packet that is dropped in any case. */
function carryOut(rule: u32, table: u32, packet: Packet): RuleVerdict {
  count(rule + RuleRecord.COUNTERS, packet);
  traceRule(rule, packet);
  const action = <u32>load<u8>(rule, RuleRecord.ACTION);
  if (action == RuleAction.APPLY) applyTarget(rule, packet);
  const rejects = action == RuleAction.REJECT;
  return byRule(rule, table, packet, rejects ? RuleVerdict.REJECT : RuleVerdict.DROP);
}

/** What a classifier names next; it is taken for the rest of its chain. */
function candidate(tagged: u32, packet: Packet): u32 {
  const classifier = tagged & ~(ClassifierTag.CONTINUE | ClassifierTag.START);
  return tagged & ClassifierTag.START ? firstCandidate(classifier, packet) : nextCandidate(classifier);
}

// @ts-ignore: decorator
@inline
function count(counters: u32, packet: Packet): void {
  store<u64>(counters, load<u64>(counters) + 1);
  store<u64>(counters, load<u64>(counters, 8) + packet.l3Length, 8);
}

// @ts-ignore: decorator
@inline
function byRule(rule: u32, table: u32, packet: Packet, verdict: RuleVerdict): RuleVerdict {
  decision.rule = rule;
  packet.rule = load<u32>(rule, RuleRecord.NUMBER);
  packet.table = <u8>table;
  return verdict;
}

function byPolicy(chain: u32, table: u32, packet: Packet): RuleVerdict {
  traceEnd(TraceKind.POLICY, chain, packet);
  count(chain + ChainRecord.COUNTERS, packet);
  packet.rule = 0;
  packet.table = <u8>table;
  return <RuleVerdict>load<u8>(chain, ChainRecord.POLICY);
}
