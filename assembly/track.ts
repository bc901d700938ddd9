/**
 * The packet's path through tracking: composes the other files, holds control flow and no mechanism.
 *
 *   parse -> hash                        prepare()
 *   find or create -> tracker -> confirm  track()
 */
import { now } from "./clock";
import { Collected } from "./defrag/collect";
import { capturedOf, collectFragment } from "./defrag/defrag";
import { earlyDrop } from "./early-drop";
import { emitEvent } from "./event-ring";
import { isExpired } from "./flow";
import { postponeChanges, takePendingChanges } from "./flow-extension";
import { findFlow, foundDirection } from "./flow-table";
import { flowsInUse } from "./flow-slab";
import { clearOutcome, Flow, Packet, Stage } from "./layout";
import { expectationCount, findExpectation } from "./expectation";
import {
  adopt,
  assignHelper,
  confirmFlow,
  createFlow,
  destroyFlow,
  discardFlow,
  helperOf,
} from "./lifecycle";
import { CtState, Direction, Hook, Verdict } from "./shared/ct-state";
import { EventBit, EventKind } from "./shared/event";
import { Family, Protocol } from "./shared/protocol";
import { Reason } from "./shared/reason";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { Sysctl } from "./shared/sysctl";
import { count } from "./stats";
import { sysctl } from "./sysctl";
import { checkHeader, openFlow, trackFlow } from "./tracker/dispatch";
import { readQuotedTuple } from "./tracker/icmp-error";
import { Outcome } from "./tracker/outcome";
import { isInvertible, matchDirection, NO_MATCH } from "./tuple";
import { hashPacket } from "./tuple-hash";
import { grePorts } from "./wire/gre";
import { checkIcmp, isNeighbourDiscovery } from "./wire/icmp";
import { parseDefragmented, parsePacket } from "./wire/parse";

/** Checksums are the business of the hook that packets arrive at: what this machine sends is not verified. */
// @ts-ignore: decorator
@inline
export function verifies(packet: Packet): bool {
  return packet.hook == Hook.PREROUTING && sysctl(Sysctl.CHECKSUM) != 0;
}

/** Reads the packet's tuple; clears the outcome. */
// @ts-ignore: decorator
@inline
export function prepare(packet: Packet): void {
  clearOutcome(packet);
  parsePacket(packet, verifies(packet));
}

/** The second half of the preparation, for packets that have a tuple. */
// @ts-ignore: decorator
@inline
export function prepareHash(packet: Packet): void {
  // Of a packet without a tuple the hash means nothing and harms nobody.
  packet.hash = hashPacket(packet);
}

/** Judges a prepared packet. True when its flow's helper has to see it before finish(). */
// @ts-ignore: decorator
@inline
export function track(packet: Packet): bool {
  packet.now = now();
  if (packet.stage != Stage.TUPLE && !trackSpecial(packet)) return false;
  trackTuple(packet);
  return packet.stage != Stage.TUPLE;
}

/** Packets without a tuple, ICMP and GRE. True when the packet's tuple is to be tracked after all. */
function trackSpecial(packet: Packet): bool {
  if (packet.stage == Stage.REFUSED && !trackRefused(packet)) return false;
  if (packet.stage == Stage.TUPLE) return true;
  if (packet.stage == Stage.GRE) renewGreKey(packet);
  else if (trackIcmp(packet)) return false;
  packet.stage = <u8>Stage.TUPLE;
  return true;
}

/** Packets since the preparation may have ended a call: its ids are no longer known. */
function renewGreKey(packet: Packet): void {
  const ports = packet.ports;
  grePorts(packet);
  if (packet.ports != ports) prepareHash(packet);
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
    return discardFlow(flow);
  }
  if (isNew) confirmNew(flow, packet);
  else tellChanges(flow, packet);
}

/** The last hook runs the helper, so a packet that is dropped before does not meet it. */
// @ts-ignore: decorator
@inline
function pausesForHelper(flow: Flow, packet: Packet, stage: Stage): bool {
  if (!flow.extension || !packet.confirm || !helperOf(flow)) return false;
  packet.stage = <u8>stage;
  return true;
}

/**
 * What has no tuple: INVALID to the rules, or dropped by the IP layer and unknown to tracking; unless it is a fragment.
 * True when that goes on to be tracked.
 */
function trackRefused(packet: Packet): bool {
  if (packet.reason == Reason.FRAGMENT) {
    const collected = collectFragment(packet);
    if (collected == Collected.HELD) {
      packet.verdict = <u8>Verdict.STOLEN;
      return false;
    }
    parseDefragmented(packet, capturedOf(packet, collected));
    prepareHash(packet);
    if (packet.stage != Stage.REFUSED) return true;
  }
  if (packet.ctState == CtState.INVALID && packet.verdict == Verdict.ACCEPT) count(Stat.INVALID);
  return false;
}

function invalid(packet: Packet, reason: Reason, statistic: Stat): void {
  packet.ctState = <u8>CtState.INVALID;
  packet.reason = <u8>reason;
  count(statistic);
}

/** ICMP's own checks, and errors. True when that settles the packet. */
function trackIcmp(packet: Packet): bool {
  const reason = checkIcmp(packet, verifies(packet));
  if (reason != Reason.NONE) {
    invalid(packet, reason, reason == Reason.ICMP_NO_PAIR ? Stat.INVALID : Stat.ERROR);
    return true;
  }
  if (isNeighbourDiscovery(packet)) {
    packet.ctState = <u8>CtState.UNTRACKED;
    return true;
  }
  if (packet.stage == Stage.ICMP) {
    trackError(packet);
    return true;
  }
  return false;
}

/** An ICMP error is RELATED to the flow it tells of, and changes nothing about it. */
function trackError(packet: Packet): void {
  const outer4 = load<u32>(packet.l3, 16);
  const outer60 = packet.dst0;
  const outer61 = packet.dst1;
  const reason = readQuotedTuple(packet);
  if (reason == Reason.ICMP_NO_PAIR) return invalid(packet, reason, Stat.INVALID);
  if (reason != Reason.NONE) return invalid(packet, reason, Stat.ERROR);
  const flow = findLiveFlow(packet, hashPacket(packet));
  if (!flow) return invalid(packet, Reason.ICMP_ERROR_NO_FLOW, Stat.ERROR);
  const addressed =
    packet.family == Family.IPV4
      ? <u32>(packet.address >>> 32) == outer4
      : packet.dst0 == outer60 && packet.dst1 == outer61;
  if (!addressed) return invalid(packet, Reason.ICMP_ERROR_ADDRESS, Stat.ERROR);
  packet.ctState = <u8>CtState.RELATED;
  packet.direction = <u8>foundDirection();
  settle(packet, flow);
}

/** A flow found but over is destroyed on the spot and does not count. */
function findLiveFlow(packet: Packet, hash: u64): Flow | null {
  let flow = findFlow(hash, packet);
  while (flow && isExpired(flow, packet.now)) {
    destroyFlow(flow);
    flow = findFlow(hash, packet);
  }
  return flow;
}

/** The flow that the touch passes found, if it still is the packet's; otherwise a new search. */
// @ts-ignore: decorator
@inline
function lookUp(packet: Packet): Flow | null {
  if (packet.candidate) {
    const flow = changetype<Flow>(packet.candidate);
    if (flow.status & Status.CONFIRMED) {
      const direction = matchDirection(flow, packet);
      if (direction != NO_MATCH && !isExpired(flow, packet.now)) {
        packet.direction = <u8>direction;
        return flow;
      }
    }
  }
  const flow = findLiveFlow(packet, packet.hash);
  if (flow) packet.direction = <u8>foundDirection();
  return flow;
}

// @ts-ignore: decorator
@inline
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
    if (!(flow.status & Status.SEEN_REPLY) && direction == Direction.REPLY) {
      flow.status |= <u16>Status.SEEN_REPLY;
      packet.changes |= <u16>EventBit.REPLY;
    }
    settle(packet, flow);
    if (!pausesForHelper(flow, packet, Stage.PAUSED_KNOWN)) tellChanges(flow, packet);
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
  destroyFlow(flow);
  if (outcome == Outcome.ACCEPT_AND_DESTROY) return false;
  packet.changes = 0;
  return true;
}

/** What one packet changed is one event, sent when the packet has passed the last hook. */
// @ts-ignore: decorator
@inline
function tellChanges(flow: Flow, packet: Packet): void {
  if (!packet.confirm) {
    if (packet.changes) postponeChanges(flow, packet.changes);
    return;
  }
  if (flow.extension) packet.changes |= takePendingChanges(flow);
  if (packet.changes) emitEvent(flow, EventKind.UPDATE, packet.changes);
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

function trackNew(packet: Packet): void {
  packet.direction = <u8>Direction.ORIGINAL;
  if (!isInvertible(packet)) return refuseNew(packet, Reason.ICMP_NO_PAIR);
  const flow = admit(packet);
  if (!flow) return;
  const expectation = expectationCount() ? findExpectation(packet) : null;
  if (expectation) adopt(flow, packet, expectation);
  else assignHelper(flow);
  const reason = checkHeader(packet, verifies(packet));
  if (reason != Reason.NONE || !openFlow(flow, packet)) {
    discardFlow(flow);
    return refuseNew(packet, reason != Reason.NONE ? reason : <Reason>packet.reason);
  }
  packet.changes = <u16>(expectation ? EventBit.RELATED : EventBit.NEW);
  packet.ctState = <u8>(expectation ? CtState.RELATED : CtState.NEW);
  const outcome = trackFlow(flow, packet, Direction.ORIGINAL);
  if (outcome == Outcome.INVALID) {
    discardFlow(flow);
    packet.ctState = <u8>CtState.INVALID;
    count(Stat.INVALID);
    return;
  }
  if (!packet.confirm) return discardFlow(flow);
  settle(packet, flow);
  if (!pausesForHelper(flow, packet, Stage.PAUSED_NEW)) confirmNew(flow, packet);
}

function confirmNew(flow: Flow, packet: Packet): void {
  if (!confirmFlow(flow, packet.hash)) {
    discardFlow(flow);
    packet.flow = 0;
    return drop(packet, Reason.OUT_OF_MEMORY);
  }
  if (helperOf(flow)) packet.changes |= <u16>EventBit.HELPER;
  emitEvent(flow, EventKind.NEW, packet.changes);
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
    return null;
  }
  const flow = createFlow(packet);
  if (!flow) drop(packet, Reason.OUT_OF_MEMORY);
  return flow;
}

function drop(packet: Packet, reason: Reason): void {
  packet.ctState = <u8>CtState.INVALID;
  packet.verdict = <u8>Verdict.DROP;
  packet.reason = <u8>reason;
  count(Stat.DROP);
}

// @ts-ignore: decorator
@inline
function settle(packet: Packet, flow: Flow): void {
  packet.flow = <u32>changetype<usize>(flow);
  packet.generation = flow.generation;
}
