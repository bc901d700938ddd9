/** The engine's ABI. */
import { datagram, datagramWaits } from "./defrag/datagram";
import { finishedBytes } from "./defrag/output";
import { createEventRing } from "./event-ring";
import { Expectation, removeExpectation, wanted, wantedPolicy } from "./expectation";
import { inserted, insertedMore } from "./flow-insert";
import { filter } from "./flow-query";
import { change } from "./flow-update";
import { createIndex } from "./flow-table";
import { Flow } from "./layout";
import { endGreCall } from "./lifecycle";
import { addElement, elementKey, IpSet } from "./rule/ipset/ip-set";
import { setHashKey } from "./sip-hash";
import { storeSysctl } from "./sysctl";
import { deriveTimeouts } from "./tracker/tcp-timeout";

export { bytesInUse, reachedBytes } from "./arena";
export { currentTick, expire, finishPacket, resumeBatch, setTime, trackBatch } from "./batch";
export { createBatch, placePackets, releaseBatch } from "./batch-memory";
export { nowMs } from "./clock";
export { deviceRecord, setRoutes } from "./device";
export { nextPiece, pieceAddress } from "./defrag/output";
export { fragmentBytes } from "./defrag/queue";
export { dropFirstEvent, firstEvent, takeLostEvents } from "./event-ring";
export {
  countByState,
  deleteFlows,
  flushFlows,
  nextFlow,
  startWalk,
  walkExtent,
  walkSlot,
} from "./flow-query";
export {
  addExpectation,
  announcedElsewhere,
  changeExpectation,
  expectationCount,
  nextExpectation,
} from "./expectation";
export { addGreKeys, setGreCall } from "./gre-call";
export { bindHelper, helperName } from "./helper";
export { insertFlow } from "./flow-insert";
export { refreshFlow, updateFlows } from "./flow-update";
export { dropFirstLogRecord, firstLogRecord, logHelperDrop, takeLostLogRecords } from "./log-ring";
export { reserveFlows } from "./lifecycle";
export { countersOf, flowsInUse } from "./flow-slab";
export { countEntries, indexBytes, indexChunks, indexMask } from "./flow-table";
export { clearSet, createSet, destroySet, linkMember, nextElement } from "./rule/ipset/ip-set";
export { destroyConnections } from "./rule/memory/connections";
export { createHashlimit, destroyHashlimit } from "./rule/memory/hashlimit-table";
export { createRecentList, destroyRecentList, widenRecentList } from "./rule/memory/recent-list";
export { clearJournal, journalAddress, journalBytes, lostFromJournal } from "./rule/journal";
export { setOwner } from "./rule/owner";
export { catchUp, keepShare, openShare } from "./share";
export { installProgram, reserveProgram } from "./rule/program";
export { finishPayload, hasMoved, replacePayload, setDestinationPort } from "./nat/payload";
export { randomNumber } from "./random";
export { endMasquerade } from "./nat/masquerade";
export { setNat } from "./source-index";
export { policyTimeout, resetTimeoutPolicy, setPolicyTimeout, timeoutTemplate } from "./timeout";
export { expectFlows, linkedFlows, linkMaster, loadedFlows, loadFlows, savedMaster } from "./snapshot/load";
export { closeSnapshot, openSnapshot, snapshotBufferBytes } from "./snapshot/row";
export { savedBytes, saveFlows } from "./snapshot/save";
export { setStatistic, statistic } from "./stats";
export { answerAt, answerCount } from "./traverse/answer";
export { setUpHooks } from "./traverse/traverse";
export * from "./layout-exports";

/** To be called once, first. False when memory cannot be had. */
export function createEngine(k0: u32, k1: u32, k2: u32, k3: u32, events: u32): bool {
  setHashKey(k0, k1, k2, k3);
  return createIndex() && createEventRing(events);
}

export function setSysctl(id: i32, value: u32): void {
  storeSysctl(id, value);
  deriveTimeouts();
}

/** Where an expectation to be added is written, and its policy. */
export function wantedAddress(): usize {
  return changetype<usize>(wanted);
}

export function wantedPolicyAddress(): usize {
  return changetype<usize>(wantedPolicy);
}

export function removeExpectationAt(address: u32): void {
  removeExpectation(changetype<Expectation>(address));
}

export function endGreCallOf(flow: u32): void {
  if (changetype<Flow>(flow).extension) endGreCall(changetype<Flow>(flow));
}

/** Where the tuple of a flow to be inserted is written: a packet row. */
export function insertedAddress(): usize {
  return changetype<usize>(inserted);
}

/** Bytes of the datagram that the packet has completed for which trackBatch() returned; 0 if it has completed none. */
export function datagramBytes(): u32 {
  return datagramWaits() ? finishedBytes() : 0;
}

/** Whether that is no datagram that was put together, but a packet that leaves in pieces. */
export function datagramCameWhole(): bool {
  return datagram.whole != 0;
}

/** Where the key of the next element of a set is written. */
export function elementKeyAddress(): usize {
  return elementKey;
}

/** Adds the element with that key to a set. */
export function addSetElement(address: u32, seconds: u32): u32 {
  return addElement(changetype<IpSet>(address), seconds, true);
}

/** Where the filter of the next walk is written. */
export function filterAddress(): usize {
  return changetype<usize>(filter);
}

/** Where the next update's changes are written. */
export function changeAddress(): usize {
  return changetype<usize>(change);
}

/** Where its labels and tags are written. */
export function insertedMoreAddress(): usize {
  return changetype<usize>(insertedMore);
}
