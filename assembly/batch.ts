/**
 * The batch call. A missed cache line costs more than everything else done for a packet, and wasm has no prefetch,
 * so a batch runs in passes that touch the same kind of line for all packets before any is needed: the misses
 * overlap. (Measured: bench/README.md.)
 */
import { Batch, ctStateAt, giveOut, packetAt, ROW_SIZE, rowAddress, takeIn } from "./batch-memory";
import { advanceClock, noteEmptyTable, now } from "./clock";
import { datagramWaits, forgetDatagram } from "./defrag/datagram";
import { dropAllQueues, expireAllQueues, fragmentBytes } from "./defrag/queue";
import { sweepAll, sweepBeside, sweepSlice } from "./expiry";
import { expectationCount, expireExpectations } from "./expectation";
import { flowsInUse } from "./flow-slab";
import { candidateFor, touchChunk } from "./flow-table";
import { Packet } from "./layout";
import { Sysctl } from "./shared/sysctl";
import { sysctl } from "./sysctl";
import { SWEEP_PER_PACKET, SWEEP_SLICE } from "./limits";
import { finishEstablished, hasReply, trackEstablishedRun, verifyRun } from "./track/established";
import { prepare, prepareHash, preparePlain } from "./track/prepare";
import { keepTouched } from "./touched";
import { finish, track } from "./track/track";
import { forgetMoved, movedWaits } from "./wire/resize";
import { finishTraversal, meetsRules, traverse } from "./traverse/traverse";

/** Packets in a pass: enough to overlap all misses a core can have under way, few enough to stay in its L1 cache. */
const PASS: u32 = 64;

/** Below this many packets the passes cost more than the misses they overlap. */
const PASSES_PAY: u32 = 4;

/** A packet that is not plain is seldom alone: so many are prepared one by one before two are tried at once again. */
const TOGETHER: u32 = 8;

/** Reassembly queues that a batch gives up at most, of each family, when their time is over. */
const EXPIRE_PER_BATCH: u32 = 16;

/** Where the pass ends that a pause has interrupted, 0 for none: a row's address. */
const preparedEnd: usize = memory.data(8, 8);

/**
 * Tracks packets first..count-1 of a batch, in order, up to one that JavaScript has to see: for a helper, to be
 * finished with finishPacket(), for the datagram that it has completed, or because it has grown and moved: both the
 * next one will overwrite. Returns that packet's number, or count.
 */
export function trackBatch(batch: u32, first: u32, count: u32): u32 {
  return trackRows(changetype<Batch>(batch), first, count, 0);
}

/** The same after such a pause: what the interrupted pass has prepared is not prepared again. */
export function resumeBatch(batch: u32, first: u32, count: u32): u32 {
  return trackRows(changetype<Batch>(batch), first, count, load<u32>(preparedEnd));
}

/** `prepared`: address behind the last row that has been prepared, if that is one of these. */
function trackRows(batch: Batch, first: u32, count: u32, prepared: usize): u32 {
  forgetDatagram();
  forgetMoved();
  store<u32>(preparedEnd, 0);
  const last = rowAddress(batch, count);
  for (let row = rowAddress(batch, first); row < last;) {
    let end = prepared;
    if (end <= row || end > last) {
      end = min(row + PASS * ROW_SIZE, last);
      preparePass(batch, row, end);
    }
    if (meetsRules()) {
      const start = row;
      row = traverseRows(row, end);
      giveOut(batch, numberOf(batch, start), numberOf(batch, row) + <u32>(row < end));
    } else {
      row = trackPrepared(batch, row, end);
    }
    if (row < end) {
      store<u32>(preparedEnd, <u32>end);
      return numberOf(batch, row);
    }
  }
  endCall(count - first);
  return count;
}

/** What every call does besides, for as many packets as it has tracked; calls for nothing would take 2 ns. */
// @ts-ignore: decorator
@inline
export function endCall(packets: u32): void {
  if (expectationCount()) expireExpectations();
  if (fragmentBytes()) expireAllQueues(now(), EXPIRE_PER_BATCH);
  if (packets == 1) sweepBeside();
  else sweepSlice(min(packets * SWEEP_PER_PACKET, SWEEP_SLICE));
}

/** Returns the row of a packet that JavaScript has to see, or `end`. */
// @ts-ignore: decorator
@inline
function trackPrepared(batch: Batch, row: usize, end: usize): usize {
  for (; row < end; row += ROW_SIZE) {
    if (hasReply(packetAt(row))) {
      row = trackEstablishedRun(row, end, ctStateAt(batch, numberOf(batch, row)));
      if (row == end) break;
    }
    const packet = packetAt(row);
    const pauses = trackGeneral(packet);
    store<u8>(ctStateAt(batch, numberOf(batch, row)), packet.ctState);
    if (pauses) return row;
  }
  return end;
}

/** All that trackEstablishedRun() has left to be done for a packet. True: JavaScript has to see it. */
// @ts-ignore: decorator
@inline
export function trackGeneral(packet: Packet): bool {
  if (packet.flow) {
    finishEstablished(packet);
    return false;
  }
  moveClock(packet.time);
  return track(packet) || datagramWaits();
}

/** The same for packets that meet rules. */
function traverseRows(row: usize, end: usize): usize {
  for (; row < end; row += ROW_SIZE) {
    const packet = packetAt(row);
    moveClock(packet.time);
    if ((<u32>traverse(packet)) | (<u32>datagramWaits()) | (<u32>movedWaits())) return row;
  }
  return end;
}

// @ts-ignore: decorator
@inline
function numberOf(batch: Batch, row: usize): u32 {
  return <u32>(row - rowAddress(batch, 0)) / ROW_SIZE;
}

/** Ends the pause of packet i. */
export function finishPacket(address: u32, i: u32, dropped: bool): void {
  const batch = changetype<Batch>(address);
  const packet = packetAt(rowAddress(batch, i));
  if (meetsRules()) finishTraversal(packet, dropped);
  else finish(packet, dropped);
  giveOut(batch, i, i + 1);
}

function preparePass(batch: Batch, first: usize, end: usize): void {
  if (end - first < PASSES_PAY * ROW_SIZE) {
    prepareAny(batch, first, end);
    for (let row = first; row < end; row += ROW_SIZE) {
      packetAt(row).candidate = candidateFor(packetAt(row).hash);
    }
    if (sysctl(Sysctl.CHECKSUM)) verifyRun(first, end);
    return;
  }
  for (let row = first; row < end;) {
    row = preparePlain(batch, numberOf(batch, row), row, end);
    row = prepareAny(batch, row, min(row + TOGETHER * ROW_SIZE, end));
  }
  for (let row = first; row < end; row += ROW_SIZE) {
    touchChunk(packetAt(row).hash);
  }
  for (let row = first; row < end; row += ROW_SIZE) {
    const packet = packetAt(row);
    packet.candidate = candidateFor(packet.hash);
  }
  let touched: u32 = 0;
  for (let row = first; row < end; row += ROW_SIZE) {
    // A flow lies in two lines. Address 0, no candidate, may be read as well.
    const flow = <usize>packetAt(row).candidate;
    touched ^= load<u32>(flow) ^ load<u32>(flow, 64);
  }
  keepTouched(touched);
  if (sysctl(Sysctl.CHECKSUM)) verifyRun(first, end);
}

/** Takes in and prepares packets one by one. Returns `end`. */
function prepareAny(batch: Batch, row: usize, end: usize): usize {
  for (let i = numberOf(batch, row); row < end; row += ROW_SIZE) {
    const packet = packetAt(row);
    takeIn(batch, i++, packet);
    prepare(packet);
    prepareHash(packet);
  }
  return row;
}

/** Moves the flow clock on, sweeping before a step too long. Returns how many flows ended by that. */
// @ts-ignore: decorator
@inline
export function moveClock(time: f64): u32 {
  return advanceClock(time) ? 0 : moveClockFar(time);
}

function moveClockFar(time: f64): u32 {
  let ended: u32 = 0;
  dropAllQueues();
  do {
    ended += sweepAll();
    if (!flowsInUse()) noteEmptyTable();
  } while (!advanceClock(time));
  return ended;
}

/** What time it is, without looking at any flow. */
export function setTime(time: f64): void {
  moveClock(time);
}

/** Runs the whole sweep at the given time. Returns how many flows ended. */
export function expire(time: f64): u32 {
  const ended = moveClock(time);
  expireAllQueues(now(), 0xffffffff);
  return ended + sweepAll();
}

/** Ticks of the flow clock, for whoever prints what is left of a timeout. */
export function currentTick(): u32 {
  return now();
}
