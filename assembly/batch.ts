/**
 * The batch call. A missed cache line costs more than everything else done for a packet, and wasm has no prefetch,
 * so a batch runs in passes that touch the same kind of line for all packets before any is needed: the misses
 * overlap. (Measured: bench/README.md.)
 */
import { releaseBlocks, reserveBlocks } from "./arena";
import { advanceClock, noteEmptyTable, now } from "./clock";
import { datagramWaits, forgetDatagram } from "./defrag/datagram";
import { dropAllQueues, expireAllQueues } from "./defrag/queue";
import { sweepAll, sweepSlice } from "./expiry";
import { expireExpectations } from "./expectation";
import { flowsInUse } from "./flow-slab";
import { candidateFor, touchChunk } from "./flow-table";
import { Packet } from "./layout";
import { BLOCK, SWEEP_PER_PACKET, SWEEP_SLICE } from "./limits";
import { trackEstablishedRun } from "./track/established";
import { prepare, prepareHash } from "./track/prepare";
import { finish, track } from "./track/track";

export const ROW_SIZE: u32 = (offsetof<Packet>() + 15) & ~15;

/** Packets in a pass: enough to overlap all misses a core can have under way, few enough to stay in its L1 cache. */
const PASS: u32 = 64;

/** Below this many packets the passes cost more than the misses they overlap. */
const PASSES_PAY: u32 = 4;

/** Reassembly queues that a batch gives up at most, of each family, when their time is over. */
const EXPIRE_PER_BATCH: u32 = 16;

/** Keeps the touching loads alive: nothing reads it. */
const sink: usize = memory.data(8, 8);

/** Where the pass ends that a pause has interrupted, 0 for none: a row's address. */
const preparedEnd: usize = memory.data(8, 8);

/** Memory for a batch: `rows` rows, then at least `bytes` bytes of packets; 0 when there is none. */
export function createBatch(rows: u32, bytes: u32): u32 {
  return <u32>reserveBlocks(batchBlocks(rows, bytes));
}

export function releaseBatch(batch: u32, rows: u32, bytes: u32): void {
  releaseBlocks(batch, batchBlocks(rows, bytes));
}

function batchBlocks(rows: u32, bytes: u32): u32 {
  return <u32>((<u64>rows * ROW_SIZE + bytes + BLOCK - 1) / BLOCK);
}

// @ts-ignore: decorator
@inline
function rowAddress(batch: u32, i: u32): usize {
  return <usize>batch + <usize>i * ROW_SIZE;
}

// @ts-ignore: decorator
@inline
function packetAt(row: usize): Packet {
  return changetype<Packet>(row);
}

/**
 * Tracks packets first..count-1 of a batch, in order, up to one that JavaScript has to see: for a helper, to be
 * finished with finishPacket(), or for the datagram that it has completed, which the next one will overwrite. Returns
 * that packet's number, or count.
 */
export function trackBatch(batch: u32, first: u32, count: u32): u32 {
  return trackRows(batch, first, count, 0);
}

/** The same after such a pause: what the interrupted pass has prepared is not prepared again. */
export function resumeBatch(batch: u32, first: u32, count: u32): u32 {
  return trackRows(batch, first, count, load<u32>(preparedEnd));
}

/** `prepared`: address behind the last row that has been prepared, if that is one of these. */
function trackRows(batch: u32, first: u32, count: u32, prepared: usize): u32 {
  const last = rowAddress(batch, count);
  let row = rowAddress(batch, first);
  forgetDatagram();
  store<u32>(preparedEnd, 0);
  while (row < last) {
    let end = prepared;
    if (end <= row || end > last) {
      end = min(row + PASS * ROW_SIZE, last);
      if (end - row >= PASSES_PAY * ROW_SIZE) touchAll(row, end);
      else prepareEach(row, end);
    }
    while ((row = trackEstablishedRun(row, end, ROW_SIZE)) < end) {
      const packet = packetAt(row);
      moveClock(packet.time);
      if ((<u32>track(packet)) | (<u32>datagramWaits())) {
        store<u32>(preparedEnd, <u32>end);
        return (<u32>row - batch) / ROW_SIZE;
      }
      row += ROW_SIZE;
    }
  }
  expireExpectations();
  expireAllQueues(now(), EXPIRE_PER_BATCH);
  sweepSlice(min((count - first) * SWEEP_PER_PACKET, SWEEP_SLICE));
  return count;
}

/** Ends the pause of packet i. */
export function finishPacket(batch: u32, i: u32, dropped: bool): void {
  finish(packetAt(rowAddress(batch, i)), dropped);
}

function prepareEach(row: usize, end: usize): void {
  for (; row < end; row += ROW_SIZE) {
    prepare(packetAt(row));
    prepareHash(packetAt(row));
  }
}

function touchAll(first: usize, end: usize): void {
  let touched: u32 = 0;
  for (let row = first; row < end; row += ROW_SIZE) prepare(packetAt(row));
  // A loop of its own: the hash is one long chain of operations, and so the chains of several packets overlap.
  for (let row = first; row < end; row += ROW_SIZE) {
    const packet = packetAt(row);
    prepareHash(packet);
    touched ^= touchChunk(packet.hash);
  }
  for (let row = first; row < end; row += ROW_SIZE) {
    const packet = packetAt(row);
    packet.candidate = candidateFor(packet.hash);
  }
  for (let row = first; row < end; row += ROW_SIZE) {
    // A flow lies in two lines. Address 0, no candidate, may be read as well.
    const flow = <usize>packetAt(row).candidate;
    touched ^= load<u32>(flow) ^ load<u32>(flow, 64);
  }
  store<u32>(sink, touched);
}

/** Moves the flow clock on, sweeping before a step too long. Returns how many flows ended by that. */
// @ts-ignore: decorator
@inline
function moveClock(time: f64): u32 {
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
