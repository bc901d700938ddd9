/** How a flow enters the table and how it leaves it: the only places where index, slab and events meet. */
import { now, nowMs } from "./clock";
import { emitEvent } from "./event-ring";
import { hintFor } from "./flow";
import { Expectation, removeExpectation, removeExpectationsOf } from "./expectation";
import { extend, Extension, releaseExtension } from "./flow-extension";
import { greExpectationOf, greFlowOf, inverseExpectation, releaseGreKeys } from "./gre-call";
import { insertEntry, removeEntry, reserveEntries } from "./flow-table";
import { allocateFlow, freeFlow, hintOf, reserveExtents } from "./flow-slab";
import { helperFor } from "./helper";
import { Flow, Kind, Packet } from "./layout";
import { hasNat, removeSource } from "./source-index";
import { Direction } from "./shared/ct-state";
import { EventBit, EventKind } from "./shared/event";
import { ExpectationFlag } from "./shared/expectation-flag";
import { Family, Protocol } from "./shared/protocol";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { Sysctl } from "./shared/sysctl";
import { count } from "./stats";
import { sysctl } from "./sysctl";
import { Template } from "./template";
import { setTuples } from "./tuple";
import { hashFlow, replyHashOf } from "./tuple-hash";

/**
 * Makes room for so many flows at once, if the table is empty; memory that is not used costs addresses only. False when
 * there are not enough of them.
 */
export function reserveFlows(flows: u32): bool {
  reserveEntries(flows);
  return reserveExtents(flows);
}

/** A flow for the packet's tuple that nobody can find yet; null when memory is out. */
export function createFlow(packet: Packet): Flow | null {
  let kind: u32 = packet.family == Family.IPV6 ? Kind.IPV6 : 0;
  if (sysctl(Sysctl.ACCT)) kind |= Kind.COUNTERS;
  if (hasNat(packet.family)) kind |= Kind.NAT;
  const flow = allocateFlow(kind);
  if (flow) setTuples(flow, packet);
  return flow;
}

/** Enters the flow into the table. False when NAT has found it no tuple of its own, or the index has no room left. */
export function confirmFlow(flow: Flow, hash: u64): bool {
  if (flow.status & Status.NAT_CLASH) {
    count(Stat.INSERT_FAILED);
    return false;
  }
  if (!insertEntry(flow, Direction.ORIGINAL, hash)) {
    count(Stat.INSERT_FAILED);
    return false;
  }
  const replyHash = replyHashOf(flow, hash);
  if (replyHash != hash && !insertEntry(flow, Direction.REPLY, replyHash)) {
    removeEntry(flow, Direction.ORIGINAL, hash);
    count(Stat.INSERT_FAILED);
    return false;
  }
  flow.status |= <u16>Status.CONFIRMED;
  store<u32>(hintOf(flow), hintFor(flow, now()));
  if (sysctl(Sysctl.TIMESTAMP)) {
    const extension = extend(flow);
    if (extension) extension.start = nowMs();
  }
  return true;
}

/** Takes the flow out of the table, tells of it and frees its place. */
export function destroyFlow(flow: Flow): void {
  destroyHashed(flow, hashFlow(flow, Direction.ORIGINAL));
}

/** Takes the flow out of the table and tells of it. Whoever holds it has to forget it. */
export function unlinkFlow(flow: Flow): void {
  unlinkHashed(flow, hashFlow(flow, Direction.ORIGINAL));
}

/** destroyFlow() for whoever knows the hash of the original tuple. */
export function destroyHashed(flow: Flow, hash: u64): void {
  unlinkHashed(flow, hash);
  forgetFlow(flow);
}

/** destroyFlow() for whoever removes the flow's entries from the index (bulk-removal.ts). */
export function destroyUnindexed(flow: Flow): void {
  tellEnd(flow);
  forgetFlow(flow);
}

function unlinkHashed(flow: Flow, hash: u64): void {
  const replyHash = replyHashOf(flow, hash);
  removeEntry(flow, Direction.ORIGINAL, hash);
  if (replyHash != hash) removeEntry(flow, Direction.REPLY, replyHash);
  tellEnd(flow);
}

// @ts-ignore: decorator
@inline
function tellEnd(flow: Flow): void {
  flow.status |= <u16>Status.DYING;
  emitEvent(flow, EventKind.DESTROY, EventBit.DESTROY);
  if (flow.extension && changetype<Extension>(flow.extension).leadsGreCalls) endGreCall(flow);
}

/** Frees the place of a flow that is not in the table, or not any more. */
export function forgetFlow(flow: Flow): void {
  if (flow.extension) releaseCold(flow);
  if (flow.kind & Kind.NAT) removeSource(flow);
  freeFlow(flow);
}

/** Ends the call that hangs on a control connection: its GRE flow, or else its expectations, and the flow's keys. */
export function endGreCall(flow: Flow): void {
  const extension = changetype<Extension>(flow.extension);
  for (let direction: u32 = Direction.ORIGINAL; direction <= <u32>Direction.REPLY; direction++) {
    const data = greFlowOf(flow, extension, direction);
    if (data) {
      destroyFlow(data);
      continue;
    }
    const expectation = greExpectationOf(flow, extension, direction);
    if (expectation) removeExpectation(expectation);
  }
  releaseGreKeys(extension);
}

/** What hangs on a flow's extension goes with it; flows that it announced live on. */
function releaseCold(flow: Flow): void {
  const extension = changetype<Extension>(flow.extension);
  removeExpectationsOf(extension);
  releaseGreKeys(extension);
  const master = changetype<Flow>(extension.master);
  if (extension.master && master.generation == extension.masterGeneration && master.extension) {
    const above = changetype<Extension>(master.extension);
    above.children--;
    // Linux forgets a call's ids with its GRE flow, even if the control connection lives on.
    if (flow.protocol == Protocol.GRE) releaseGreKeys(above);
  }
  releaseExtension(flow);
}

/** Makes a new flow the one that an expectation was waiting for. */
export function adopt(flow: Flow, expectation: Expectation): void {
  flow.status |= <u16>Status.EXPECTED;
  const master = changetype<Flow>(expectation.master);
  flow.mark = master.mark;
  const extension = extend(flow);
  if (extension) {
    extension.master = expectation.master;
    extension.masterGeneration = master.generation;
    changetype<Extension>(master.extension).children++;
    if (expectation.childHelper) {
      extension.helper = expectation.childHelper;
    }
  }
  count(Stat.EXPECT_NEW);
  if (!(expectation.flags & ExpectationFlag.PERMANENT)) removeExpectation(expectation);
}

/** The connection may have been begun by either end: what was expected of the other one is over. */
export function forgetInverse(flow: Flow): void {
  const inverse = inverseExpectation(flow);
  if (inverse) removeExpectation(inverse);
}

/**
 * Gives a new flow what `-j CT` said of its packet, or else the helper that its protocol and port are bound to. A flow
 * that was expected has no other helper than its expectation gave it.
 */
export function equip(flow: Flow, packet: Packet, expected: bool): void {
  let helper: u32 = 0;
  if (packet.template) {
    const template = changetype<Template>(packet.template);
    equipFrom(template, flow);
    helper = template.helper;
  }
  if (expected) return;
  if (!helper) helper = helperFor(flow.protocol, flow.originalPorts >>> 16, (flow.kind & Kind.IPV6) != 0);
  if (helper) giveHelper(flow, helper);
}

function equipFrom(template: Template, flow: Flow): void {
  if (!template.eventsChosen && !template.timeoutPolicy) return;
  const extension = extend(flow);
  if (!extension) return;
  extension.eventsChosen = template.eventsChosen;
  extension.eventMask = template.eventMask;
  extension.timeoutPolicy = template.timeoutPolicy;
}

function giveHelper(flow: Flow, helper: u32): void {
  const extension = extend(flow);
  if (!extension) return;
  extension.helper = <u16>helper;
  flow.status |= <u16>Status.HELPER;
}

/** The flow's helper, 0 for none. */
// @ts-ignore: decorator
@inline
export function helperOf(flow: Flow): u32 {
  return flow.extension ? <u32>changetype<Extension>(flow.extension).helper : 0;
}
