/** How a packet opens a flow, and how that flow enters the table. */
import { earlyDrop } from "../early-drop";
import { emitEvent } from "../event-ring";
import { Expectation, expectationCount, findExpectation } from "../expectation";
import { flowsInUse } from "../flow-slab";
import { Flow, Packet } from "../layout";
import { adopt, confirmFlow, createFlow, equip, forgetFlow, forgetInverse, helperOf } from "../lifecycle";
import { warn } from "../log-ring";
import { followPlan, planFollowing } from "../nat/follow";
import { clashesInZones } from "../nat/reply";
import { CtState, Direction } from "../shared/ct-state";
import { EventBit, EventKind } from "../shared/event";
import { LogKind } from "../shared/log-kind";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Stat } from "../shared/stat";
import { Status } from "../shared/status";
import { Sysctl } from "../shared/sysctl";
import { count } from "../stats";
import { sysctl } from "../sysctl";
import { checkHeader, openFlow, trackFlow } from "../tracker/dispatch";
import { Outcome } from "../tracker/outcome";
import { isInvertible } from "../tuple";
import { hashFlow } from "../tuple-hash";
import { drop, invalid, settle } from "./outcome";
import { verifies } from "./prepare";

// @ts-ignore: decorator
@inline
export function trackNew(packet: Packet): void {
  packet.direction = <u8>Direction.ORIGINAL;
  if (!isInvertible(packet)) return refuseNew(packet, Reason.ICMP_NO_PAIR);
  const flow = admit(packet);
  if (!flow) return;
  const expectation = expectationCount() ? findExpectation(packet) : null;
  if (expectation) meetExpectation(flow, packet, expectation);
  equip(flow, packet, expectation != null);
  const reason = checkHeader(packet, verifies(packet));
  if (reason != Reason.NONE || !openFlow(flow, packet)) {
    forgetFlow(flow);
    return refuseNew(packet, reason != Reason.NONE ? reason : <Reason>packet.reason);
  }
  packet.changes = <u16>(expectation ? EventBit.RELATED : EventBit.NEW);
  packet.ctState = <u8>(expectation ? CtState.RELATED : CtState.NEW);
  const outcome = trackFlow(flow, packet, Direction.ORIGINAL);
  if (outcome == Outcome.INVALID) {
    forgetFlow(flow);
    packet.ctState = <u8>CtState.INVALID;
    count(Stat.INVALID);
    return;
  }
  settle(packet, flow);
}

/** The flow becomes what an announced one is, and is translated as its announcer is. */
function meetExpectation(flow: Flow, packet: Packet, expectation: Expectation): void {
  const follows = expectation.follow != 0;
  const eitherEnd = expectation.eitherEnd != 0;
  if (follows) planFollowing(flow, expectation);
  adopt(flow, expectation);
  if (follows) followPlan(flow, packet);
  if (eitherEnd) forgetInverse(flow);
}

export function confirmNew(flow: Flow, packet: Packet): void {
  if (enterTable(flow, packet, packet.hash)) return;
  dropUnconfirmed(flow, packet);
  forgetFlow(flow);
  packet.flow = 0;
}

/**
 * The packet that began the flow was refused; what refuses the answer goes the same way and gets through: it enters the
 * flow into the table.
 */
export function confirmByAnswer(flow: Flow, answer: Packet): void {
  if (!enterTable(flow, answer, hashFlow(flow, Direction.ORIGINAL))) dropUnconfirmed(flow, answer);
}

// @ts-ignore: decorator
@inline
function enterTable(flow: Flow, packet: Packet, hash: u64): bool {
  if (clashesInZones(flow, packet)) flow.status |= <u16>Status.NAT_CLASH;
  if (!confirmFlow(flow, hash)) return false;
  if (helperOf(flow)) packet.changes |= <u16>EventBit.HELPER;
  emitEvent(flow, EventKind.NEW, packet.changes);
  packet.changes = 0;
  return true;
}

function dropUnconfirmed(flow: Flow, packet: Packet): void {
  const state = packet.ctState;
  drop(packet, flow.status & Status.NAT_CLASH ? Reason.NAT_CLASH : Reason.OUT_OF_MEMORY);
  // Rules have seen it.
  packet.ctState = state;
}

function refuseNew(packet: Packet, reason: Reason): void {
  if (packet.protocol == Protocol.ICMP || packet.protocol == Protocol.ICMPV6) {
    packet.a = (packet.ports >>> 16) & 0xff;
    packet.b = packet.ports >>> 24;
  }
  invalid(packet, reason, Stat.INVALID);
}

/** Room for one more flow, or the packet is dropped. */
function admit(packet: Packet): Flow | null {
  const max = sysctl(Sysctl.MAX);
  if (max && flowsInUse() >= max && !earlyDrop(packet.hash)) {
    packet.a = flowsInUse();
    packet.b = max;
    drop(packet, Reason.TABLE_FULL);
    warn(LogKind.TABLE_FULL);
    return null;
  }
  const flow = createFlow(packet);
  if (!flow) drop(packet, Reason.OUT_OF_MEMORY);
  return flow;
}
