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
import { prepare, prepareHash } from "./track/prepare";
import { finish, track } from "./track/track";
import { forgetMoved, movedWaits } from "./wire/resize";
import { finishTraversal, meetsRules, traverse } from "./traverse/traverse";

export const ROW_SIZE: u32 = (offsetof<Packet>() + 15) & ~15;

/** Packets in a pass: enough to overlap all misses a core can have under way, few enough to stay in its L1 cache. */
const PASS: u32 = 64;

/** Below this many packets the passes cost more than the misses they overlap. */
const PASSES_PAY: u32 = 4;

/** Reassembly queues that a batch gives up at most, of each family, when their time is over. */
const EXPIRE_PER_BATCH: u32 = 16;

/** Keeps the touching loads alive: nothing reads it. */
const sink: usize = memory.data(8, 8);

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
function rowAt(batch: u32, i: u32): Packet {
  return changetype<Packet>(<usize>batch + <usize>i * ROW_SIZE);
}

/**
 * Tracks packets first..count-1 of a batch, in order, up to one that JavaScript has to see: for a helper, to be
 * finished with finishPacket(), for the datagram that it has completed, or because it has grown and moved: both the
 * next one will overwrite. Returns that packet's number, or count.
 */
export function trackBatch(batch: u32, first: u32, count: u32): u32 {
  forgetDatagram();
  forgetMoved();
  for (let at = first; at < count; at += PASS) {
    const end = min(at + PASS, count);
    if (end - at >= PASSES_PAY) touchAll(batch, at, end);
    else prepareEach(batch, at, end);
    for (let i = at; i < end; i++) {
      const packet = rowAt(batch, i);
      moveClock(packet.time);
      const waits = meetsRules() ? traverse(packet) : track(packet);
      if ((<u32>waits) | (<u32>datagramWaits()) | (<u32>movedWaits())) return i;
    }
  }
  expireExpectations();
  expireAllQueues(now(), EXPIRE_PER_BATCH);
  sweepSlice(min((count - first) * SWEEP_PER_PACKET, SWEEP_SLICE));
  return count;
}

/** Ends the pause of packet i. */
export function finishPacket(batch: u32, i: u32, dropped: bool): void {
  const packet = rowAt(batch, i);
  if (meetsRules()) finishTraversal(packet, dropped);
  else finish(packet, dropped);
}

function prepareEach(batch: u32, first: u32, count: u32): void {
  for (let i = first; i < count; i++) {
    prepare(rowAt(batch, i));
    prepareHash(rowAt(batch, i));
  }
}

function touchAll(batch: u32, first: u32, count: u32): void {
  let touched: u32 = 0;
  for (let i = first; i < count; i++) prepare(rowAt(batch, i));
  // A loop of its own: the hash is one long chain of operations, and so the chains of several packets overlap.
  for (let i = first; i < count; i++) {
    const packet = rowAt(batch, i);
    prepareHash(packet);
    touched ^= touchChunk(packet.hash);
  }
  for (let i = first; i < count; i++) {
    const packet = rowAt(batch, i);
    packet.candidate = candidateFor(packet.hash);
  }
  for (let i = first; i < count; i++) {
    // A flow lies in two lines. Address 0, no candidate, may be read as well.
    const flow = <usize>rowAt(batch, i).candidate;
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
