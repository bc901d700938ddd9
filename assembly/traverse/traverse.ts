/**
 * The way of a packet through the hooks of a machine with rules: which tables it meets, when it is tracked, translated
 * and routed, and where it leaves. Composes track/, rule/ and nat/, as track/ composes tracking.
 *
 *   arriving    PREROUTING -> route -> FORWARD -> POSTROUTING, or INPUT
 *   sent        OUTPUT -> POSTROUTING, and if it is for this machine itself, PREROUTING -> INPUT
 */
import { now } from "../clock";
import { LOOPBACK } from "../device";
import { Flow, Packet, PacketFlag, Stage } from "../layout";
import { adjustSequence } from "../nat/sequence";
import { decidingTarget, runTable, tableMatters } from "../rule/run";
import { CtState, Hook, Verdict } from "../shared/ct-state";
import { Reason } from "../shared/reason";
import { RuleVerdict } from "../shared/rule-verdict";
import { Stat } from "../shared/stat";
import { Status } from "../shared/status";
import { NO_TABLE, Table, TABLE_BITS } from "../shared/table";
import { count } from "../stats";
import { enterEstablished } from "../track/established";
import { prepareHash } from "../track/prepare";
import { reassemble } from "../track/special";
import { abandon, abandonRelated, enter, finish, leave, leaveRelated } from "../track/track";
import { answersWait, forgetAnswers, makeError, makeAnswer } from "./answer";
import { translateAt } from "./nat-hook";
import { cut, isTooLong } from "./length";
import { lowerTtl, routeArriving, routeSent, Way } from "./way";


@unmanaged
class Setup {
  /** 1 once a firewall has been set up. */
  hooked: u8;
  /** 1: what cannot be forwarded is answered by an ICMP error. */
  sendsErrors: u8;
}

const setup = changetype<Setup>(memory.data(offsetof<Setup>(), 4));

/** Whether packets go through hooks at all. */
// @ts-ignore: decorator
@inline
export function meetsRules(): bool {
  return setup.hooked != 0;
}

/** From now on packets are routed and go through the hooks. */
export function setUpHooks(errors: bool): void {
  setup.hooked = 1;
  setup.sendsErrors = errors ? 1 : 0;
}

function sendsErrors(): bool {
  return setup.sendsErrors != 0;
}

/** Takes a prepared packet all the way. True when JavaScript has to see it before finishTraversal(). */
export function traverse(packet: Packet): bool {
  forgetAnswers();
  packet.now = now();
  packet.mark = 0;
  packet.rule = 0;
  packet.table = <u8>NO_TABLE;
  packet.path = 0;
  packet.outDevice = 0;
  packet.template = 0;
  packet.priority = 0;
  packet.originalZone = 0;
  packet.replyZone = 0;
  packet.flags &= <u8>(PacketFlag.TRACE | PacketFlag.EXPLAINED);
  if (packet.stage == Stage.REFUSED) {
    if (packet.verdict == Verdict.DROP || packet.ctState == CtState.UNTRACKED) return false;
    packet.path = <u8>(1 << packet.hook);
    if (packet.reason == Reason.FRAGMENT && !reassemble(packet)) return false;
  }
  if (packet.hook == Hook.OUTPUT) return send(packet);
  return arrive(packet);
}

// @ts-ignore: decorator
@inline
function arrive(packet: Packet): bool {
  enterHook(packet, Hook.PREROUTING);
  if (!pass(packet, Table.RAW, Hook.PREROUTING) || !trackHere(packet)) return drop(packet);
  return routeOn(packet);
}

/** What has arrived, and has been tracked, goes to this machine or further on. */
function routeOn(packet: Packet): bool {
  if (!pass(packet, Table.MANGLE, Hook.PREROUTING) || !translates(packet)) return drop(packet);
  const way = routeArriving(packet);
  if (way == Way.LOCAL) return deliver(packet);
  if (way == Way.NONE || !lowerTtl(packet)) return drop(packet);
  enterHook(packet, Hook.FORWARD);
  if (
    !pass(packet, Table.MANGLE, Hook.FORWARD) ||
    !pass(packet, Table.FILTER, Hook.FORWARD) ||
    !pass(packet, Table.SECURITY, Hook.FORWARD)
  ) {
    return drop(packet);
  }
  return emit(packet);
}

/** Answers of REJECT come with the flow of the packet that they answer. */
function send(packet: Packet): bool {
  if (routeSent(packet) == Way.NONE) return drop(packet);
  enterHook(packet, Hook.OUTPUT);
  if (!pass(packet, Table.RAW, Hook.OUTPUT) || (!packet.flow && !trackHere(packet))) return drop(packet);
  if (!pass(packet, Table.MANGLE, Hook.OUTPUT) || !translates(packet)) return drop(packet);
  const device = packet.outDevice;
  // Translation and mangling may lead the packet elsewhere, which rules see from the next hook on.
  if (packet.flags & PacketFlag.CHANGED && routeSent(packet) == Way.NONE) return drop(packet);
  const onward = packet.outDevice;
  packet.outDevice = device;
  if (!pass(packet, Table.FILTER, Hook.OUTPUT) || !pass(packet, Table.SECURITY, Hook.OUTPUT))
    return drop(packet);
  packet.outDevice = onward;
  return emit(packet);
}

/** POSTROUTING, where the packet leaves: for good, or to come back over the loopback device. */
function emit(packet: Packet): bool {
  enterHook(packet, Hook.POSTROUTING);
  if (!pass(packet, Table.MANGLE, Hook.POSTROUTING) || !translates(packet)) return drop(packet);
  return settle(packet);
}

function deliver(packet: Packet): bool {
  packet.outDevice = 0;
  enterHook(packet, Hook.INPUT);
  if (
    !pass(packet, Table.MANGLE, Hook.INPUT) ||
    !pass(packet, Table.FILTER, Hook.INPUT) ||
    !pass(packet, Table.SECURITY, Hook.INPUT)
  ) {
    return drop(packet);
  }
  if (!translates(packet)) return drop(packet);
  return settle(packet);
}

/** The last thing on the way: helper, then confirmation. True when the helper has to run first. */
function settle(packet: Packet): bool {
  if (packet.stage == Stage.TUPLE) {
    if (packet.flow && leave(packet, !comesBack(packet))) return true;
  } else if (packet.flow) {
    // ICMP errors and what answers a packet change nothing, but take along what has not been told.
    leaveRelated(packet);
  }
  return settled(packet);
}

/** What follows the helper and confirmation. */
function settled(packet: Packet): bool {
  if (packet.flow && packet.stage == Stage.TUPLE) adjust(packet, changetype<Flow>(packet.flow));
  if (packet.verdict == Verdict.ACCEPT && packet.at == Hook.POSTROUTING) {
    if (packet.outDevice == LOOPBACK) return comeBack(packet);
    if (isTooLong(packet) && !cut(packet)) refuse(packet);
  }
  return answersWait();
}

// @ts-ignore: decorator
@inline
function comesBack(packet: Packet): bool {
  return packet.at == Hook.POSTROUTING && packet.outDevice == LOOPBACK;
}

/** Drops a packet, and has the error sent that a router sends about it. */
function refuse(packet: Packet): void {
  packet.verdict = <u8>Verdict.DROP;
  const error = sendsErrors() ? makeError(packet) : null;
  if (error) send(error);
}

/** Helpers that rewrite payload to another length shift the sequence numbers of a TCP flow. */
// @ts-ignore: decorator
@inline
function adjust(packet: Packet, flow: Flow): void {
  if (!(flow.status & Status.SEQ_ADJUST) || packet.verdict != Verdict.ACCEPT) return;
  if (packet.outDevice == LOOPBACK || adjustSequence(packet, flow)) return;
  packet.verdict = <u8>Verdict.DROP;
  count(Stat.DROP);
}

/** Ends the pause of a packet that its helper has seen. */
export function finishTraversal(packet: Packet, dropped: bool): void {
  finish(packet, dropped);
  settled(packet);
}

/** Over the loopback device a packet arrives with the flow that it was sent with. */
function comeBack(packet: Packet): bool {
  packet.inDevice = <u16>LOOPBACK;
  enterHook(packet, Hook.PREROUTING);
  const invalid = !packet.flow && packet.ctState != CtState.UNTRACKED;
  if (invalid) forgetTracking(packet);
  if (!pass(packet, Table.RAW, Hook.PREROUTING)) {
    if (invalid) packet.ctState = <u8>CtState.INVALID;
    return drop(packet);
  }
  if (invalid) enterAgain(packet);
  packet.seenMark = packet.mark;
  return routeOn(packet);
}

/** What is INVALID is tracked once more, as what arrives is: `-j CT` is heeded anew, and its checksum is looked at. */
function forgetTracking(packet: Packet): void {
  packet.template = 0;
  packet.originalZone = 0;
  packet.replyZone = 0;
  if (!packet.zone) return;
  packet.zone = 0;
  packet.candidate = 0;
  prepareHash(packet);
}

function enterAgain(packet: Packet): void {
  if (packet.stage != Stage.REFUSED) packet.reason = <u8>Reason.NONE;
  packet.c = 0;
  const hook = packet.hook;
  packet.hook = <u8>Hook.PREROUTING;
  enter(packet);
  packet.hook = hook;
}

// @ts-ignore: decorator
@inline
function enterHook(packet: Packet, hook: Hook): void {
  packet.at = <u8>hook;
  packet.seenMark = packet.mark;
  packet.path |= <u8>(1 << (<u8>hook));
}

/** False: the packet is to be dropped. */
// @ts-ignore: decorator
@inline
function pass(packet: Packet, table: Table, hook: Hook): bool {
  return !tableMatters(table, packet.family, hook) || passTable(packet, table);
}

function passTable(packet: Packet, table: Table): bool {
  const rule = packet.rule;
  const decided = packet.table;
  const verdict = runTable(table, packet);
  if (verdict == RuleVerdict.ACCEPT) {
    // Of a packet that passes, the filter table decides.
    if (table == Table.FILTER) packet.table |= packet.at << (<u8>TABLE_BITS);
    else restoreDecision(packet, rule, decided);
    return true;
  }
  packet.table |= packet.at << (<u8>TABLE_BITS);
  packet.mark = packet.seenMark;
  if (packet.reason == Reason.NONE) packet.reason = <u8>Reason.RULE;
  packet.verdict = <u8>(verdict == RuleVerdict.REJECT ? Verdict.REJECT : Verdict.DROP);
  return false;
}

/** False: the packet is to be dropped, and has the mark with which it came into the hook. */
// @ts-ignore: decorator
@inline
function translates(packet: Packet): bool {
  if (translateAt(packet)) return true;
  packet.mark = packet.seenMark;
  return false;
}

function restoreDecision(packet: Packet, rule: u32, table: u8): void {
  packet.rule = rule;
  packet.table = table;
}

function trackHere(packet: Packet): bool {
  const asked = packet.template | (packet.flags & PacketFlag.NOTRACK);
  if (asked || !enterEstablished(packet)) enter(packet);
  packet.seenMark = packet.mark;
  return packet.verdict == Verdict.ACCEPT;
}

/** The end of a packet that does not get through, and the answer to it. */
function drop(packet: Packet): bool {
  const own = packet.stage == Stage.TUPLE;
  let answer: Packet | null = null;
  if (packet.verdict == Verdict.REJECT) {
    answer = makeAnswer(packet, decidingTarget());
  } else {
    packet.verdict = <u8>Verdict.DROP;
    if (sendsErrors()) answer = makeError(packet);
  }
  // What the packet changed is told with the answer; a new flow is the answer's, too, until that is gone.
  if (!own) abandonRelated(packet);
  else if (isConfirmed(packet)) abandon(packet);
  if (answer) send(answer);
  if (own) abandon(packet);
  return answersWait();
}

/** A flow that ends with the packet is not any more: it is needed until the answer has gone. */
function isConfirmed(packet: Packet): bool {
  if (!packet.flow) return false;
  return (changetype<Flow>(packet.flow).status & (Status.CONFIRMED | Status.DYING)) == Status.CONFIRMED;
}
