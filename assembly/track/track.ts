/**
 * The packet's path through tracking: composes the other files, holds control flow and no mechanism.
 *
 *   parse -> hash                        prepare()
 *   find or create -> tracker            enter()
 *   (rules and NAT, traverse.ts)
 *   helper -> confirm, events            leave()
 */
import { now } from "../clock";
import { emitEvent } from "../event-ring";
import { postponeChanges, takePendingChanges } from "../flow-extension";
import { Flow, Packet, PacketFlag, Stage } from "../layout";
import { destroyFlow, forgetFlow, helperOf, unlinkFlow } from "../lifecycle";
import { logReason } from "../log-ring";
import { CtState, Direction, Verdict } from "../shared/ct-state";
import { EventBit, EventKind } from "../shared/event";
import { Reason } from "../shared/reason";
import { Stat } from "../shared/stat";
import { Status } from "../shared/status";
import { chooseZones } from "../template";
import { count } from "../stats";
import { checkHeader, trackFlow } from "../tracker/dispatch";
import { Outcome } from "../tracker/outcome";
import { confirmByAnswer, confirmNew, trackNew } from "./begin";
import { lookUp } from "./look-up";
import { invalid, settle } from "./outcome";
import { prepareHash, verifies } from "./prepare";
import { countRefused, trackSpecial } from "./special";

/** Judges a prepared packet. True when its flow's helper has to see it before finish(). */
// @ts-ignore: decorator
@inline
export function track(packet: Packet): bool {
  packet.now = now();
  const tracked = packet.stage == Stage.TUPLE || trackSpecial(packet);
  if (tracked) trackTuple(packet);
  logReason(packet);
  if (!packet.flow) return false;
  if (tracked) return leave(packet, true);
  if (packet.confirm) leaveRelated(packet);
  return false;
}

/**
 * The first half of it, for packets that meet rules: their flow, which may be a new one that nobody can find, stays
 * with them until leave() or abandon(). What `-j CT` said of the packet is heeded.
 */
export function enter(packet: Packet): void {
  if (packet.flags & PacketFlag.NOTRACK) {
    packet.ctState = <u8>CtState.UNTRACKED;
    return;
  }
  if (packet.template) {
    chooseZones(packet);
    packet.ctState = <u8>CtState.INVALID;
  }
  if (packet.stage == Stage.REFUSED) return countRefused(packet);
  if (packet.stage == Stage.TUPLE || trackSpecial(packet)) {
    if (packet.originalZone | packet.replyZone) enterZone(packet);
    trackTuple(packet);
  }
  logReason(packet);
}

/** The hash of the packet's preparation is that of zone 0. */
function enterZone(packet: Packet): void {
  packet.zone = packet.originalZone;
  packet.candidate = 0;
  prepareHash(packet);
}

/**
 * The second half: the packet has passed all rules. A new flow enters the table, and what has changed is told. True
 * when the flow's helper has to see the packet before finish(). `last`: the packet does not come back.
 */
// @ts-ignore: decorator
@inline
export function leave(packet: Packet, last: bool): bool {
  const flow = changetype<Flow>(packet.flow);
  if (!packet.confirm) {
    abandon(packet);
    return false;
  }
  const life = flow.status & (Status.CONFIRMED | Status.DYING);
  if (life == Status.CONFIRMED) {
    if (pausesForHelper(flow, packet, Stage.PAUSED_KNOWN)) return true;
    tellChanges(flow, packet);
    return false;
  }
  if (life & Status.DYING) {
    if (last) forgetFlow(flow);
    return false;
  }
  if (pausesForHelper(flow, packet, Stage.PAUSED_NEW)) return true;
  confirmNew(flow, packet);
  return false;
}

/** Instead of leave(): the packet is dropped. A new flow is forgotten, changes are told with the flow's next packet. */
export function abandon(packet: Packet): void {
  if (!packet.flow) return;
  const flow = changetype<Flow>(packet.flow);
  if (flow.status & Status.DYING) return forgetFlow(flow);
  if (flow.status & Status.CONFIRMED) {
    // How a flow begins has been told by the answer that entered it.
    const told = packet.changes & (EventBit.NEW | EventBit.RELATED);
    if (packet.changes && !told) postponeChanges(flow, packet.changes);
    packet.changes = 0;
    return;
  }
  packet.flow = 0;
  forgetFlow(flow);
}

/** The rest of a packet's path once its helper has run; `dropped`: the helper refused it. */
export function finish(packet: Packet, dropped: bool): void {
  const flow = changetype<Flow>(packet.flow);
  const isNew = packet.stage == Stage.PAUSED_NEW;
  packet.stage = <u8>Stage.TUPLE;
  // The helper may have destroyed the flow.
  if (flow.generation != packet.generation) return;
  if (dropped) {
    packet.verdict = <u8>Verdict.DROP;
    packet.reason = <u8>Reason.HELPER_DROP;
    if (!isNew) {
      if (packet.changes) postponeChanges(flow, packet.changes);
      return;
    }
    packet.flow = 0;
    return forgetFlow(flow);
  }
  if (isNew) confirmNew(flow, packet);
  else tellChanges(flow, packet);
}

/** The last hook runs the helper, so a packet that is dropped before does not meet it. */
// @ts-ignore: decorator
@inline
function pausesForHelper(flow: Flow, packet: Packet, stage: Stage): bool {
  if (!flow.extension || !helperOf(flow)) return false;
  packet.stage = <u8>stage;
  return true;
}

function trackTuple(packet: Packet): void {
  const found = lookUp(packet);
  if (found) {
    if (!trackIn(found, packet)) return;
    // The flow was destroyed to make way for the connection that this packet opens.
  }
  trackNew(packet);
}

/** A packet of a known flow. True when the flow is gone and the packet has to begin a new one. */
// @ts-ignore: decorator
@inline
function trackIn(flow: Flow, packet: Packet): bool {
  const reason = checkHeader(packet, verifies(packet));
  if (reason != Reason.NONE) {
    packet.direction = <u8>Direction.ORIGINAL;
    invalid(packet, reason, Stat.INVALID);
    return false;
  }
  const direction = <u32>packet.direction;
  const state = stateFor(flow, direction);
  const outcome = trackFlow(flow, packet, direction);
  if (outcome == Outcome.ACCEPT) {
    packet.ctState = <u8>state;
    noteReply(flow, packet, direction);
    settle(packet, flow);
    return false;
  }
  if (outcome == Outcome.INVALID) {
    packet.direction = <u8>Direction.ORIGINAL;
    packet.ctState = <u8>CtState.INVALID;
    count(Stat.INVALID);
    if (packet.changes) postponeChanges(flow, packet.changes);
    return false;
  }
  packet.ctState = <u8>state;
  if (outcome == Outcome.ACCEPT_AND_DESTROY) {
    // Rules still see the flow, which this packet has answered: its place is free when the packet has left.
    unlinkFlow(flow);
    noteReply(flow, packet, direction);
    settle(packet, flow);
    return false;
  }
  destroyFlow(flow);
  packet.changes = 0;
  return true;
}

// @ts-ignore: decorator
@inline
function noteReply(flow: Flow, packet: Packet, direction: u32): void {
  if (flow.status & Status.SEEN_REPLY || direction != Direction.REPLY) return;
  flow.status |= <u16>Status.SEEN_REPLY;
  packet.changes |= <u16>EventBit.REPLY;
}

/** What one packet changed is one event, sent when the packet has passed the last hook. */
// @ts-ignore: decorator
@inline
function tellChanges(flow: Flow, packet: Packet): void {
  if (flow.extension) packet.changes |= takePendingChanges(flow);
  if (!packet.changes) return;
  emitEvent(flow, EventKind.UPDATE, packet.changes);
  // Over the loopback device the packet comes back.
  packet.changes = 0;
}

/** A packet that is no flow's own, as an ICMP error, has passed: what rules or earlier packets changed is told with it. */
export function leaveRelated(packet: Packet): void {
  const flow = changetype<Flow>(packet.flow);
  if (isInTable(flow)) return tellChanges(flow, packet);
  const known = (flow.status & (Status.CONFIRMED | Status.DYING)) != 0;
  if (packet.stage == Stage.ANSWER && packet.direction == Direction.ORIGINAL && !known) {
    confirmByAnswer(flow, packet);
  }
}

/** Instead of leaveRelated(): the packet is dropped. */
export function abandonRelated(packet: Packet): void {
  if (!packet.flow || !packet.changes) return;
  const flow = changetype<Flow>(packet.flow);
  if (isInTable(flow)) postponeChanges(flow, packet.changes);
}

function isInTable(flow: Flow): bool {
  return (flow.status & (Status.CONFIRMED | Status.DYING)) == Status.CONFIRMED;
}

/** What rules see of a packet that its tracker accepts. */
// @ts-ignore: decorator
@inline
function stateFor(flow: Flow, direction: u32): CtState {
  const status = <u32>flow.status;
  // The status first: it can be predicted, the direction cannot.
  if (status & Status.SEEN_REPLY || direction == Direction.REPLY) return CtState.ESTABLISHED;
  return status & Status.EXPECTED ? CtState.RELATED : CtState.NEW;
}
