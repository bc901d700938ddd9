/**
 * The sweep: walks the hints of all extents, a bounded slice a call, and destroys what is over. Flows do not wait
 * for it to end: a lookup that meets an expired flow destroys it, too.
 */
import { beginBulkRemoval, destroyInBulk, finishBulkRemoval, isBulk } from "./bulk-removal";
import { noteSweep, now } from "./clock";
import { hintFor, isExpired } from "./flow";
import { Extent, firstExtent, flowAt, flowSize, hintsOf } from "./flow-slab";
import { touchChunk } from "./flow-table";
import { Flow } from "./layout";
import { destroyHashed } from "./lifecycle";
import { SWEEP_ENDS, SWEEP_LANES } from "./limits";
import { Direction } from "./shared/ct-state";
import { Status } from "./shared/status";
import { hashesInPairs, hashFlow, hashFlowPair } from "./tuple-hash";


@unmanaged
class Sweep {
  /** Where the next slice begins: an extent (0 = the first) and a multiple of four slots. */
  extent: u32;
  slot: u32;
}

const sweep = changetype<Sweep>(memory.data(offsetof<Sweep>(), 8));

/** A flow that is over. */
@unmanaged
class Waiting {
  hash: u64;
  flow: u32;
  unused: u32;
}

const WAITING: u32 = 64;
const list: usize = memory.data(WAITING * offsetof<Waiting>(), 16);

/** Hints between two looks at what has been done; a multiple of the lanes. */
const STEP: u32 = 64;

/** A free slot's hint is looked at again after this many ticks. */
const FREE_REARM: u32 = 1 << 30;

/** Looks at up to `hints` hints, going round, until SWEEP_ENDS flows have ended. Returns how many did. */
export function sweepSlice(hints: u32): u32 {
  let ended: u32 = 0;
  let address = <usize>sweep.extent;
  let slot = sweep.slot;
  while (hints && ended < SWEEP_ENDS) {
    if (!address) {
      address = firstExtent();
      if (!address) return ended;
    }
    const extent = changetype<Extent>(address);
    // By a store, which the processor does not wait for: the next extent lies too far off for it to be fetched ahead.
    if (!slot && extent.next) changetype<Extent>(extent.next).touched = 0;
    // In steps small enough to notice that enough flows have ended.
    const end = min(extent.slots, slot + min((hints + SWEEP_LANES - 1) & ~(SWEEP_LANES - 1), STEP));
    ended += sweepExtent(extent, slot, end);
    hints -= min(hints, end - slot);
    slot = end;
    if (slot == extent.slots) {
      slot = 0;
      address = extent.next;
      // One round a call is enough, however large the slice.
      if (!address) break;
    }
  }
  sweep.extent = <u32>address;
  sweep.slot = slot;
  return ended;
}

/**
 * A slice for one packet, most of which have nothing to do: the next four hints, all of the same extent, none of them due.
 * (A call of sweepSlice() takes 8 ns.)
 */
// @ts-ignore: decorator
@inline
export function sweepBeside(): void {
  const address = <usize>sweep.extent;
  const slot = sweep.slot;
  if (address && slot + SWEEP_LANES < changetype<Extent>(address).slots) {
    const hints = hintsOf(changetype<Extent>(address)) + ((<usize>slot) << 2);
    const left = i32x4.sub(v128.load(hints), i32x4.splat(now()));
    if (!i32x4.bitmask(i32x4.le_s(left, i32x4.splat(0)))) {
      sweep.slot = slot + SWEEP_LANES;
      return;
    }
  }
  sweepSlice(SWEEP_LANES);
}

/** Looks at all hints. */
export function sweepAll(): u32 {
  let ended: u32 = 0;
  let inBulk = false;
  for (let address = firstExtent(); address; address = changetype<Extent>(address).next) {
    const extent = changetype<Extent>(address);
    if (!inBulk && isBulk(ended)) inBulk = beginBulkRemoval();
    ended += inBulk ? sweepInBulk(extent) : sweepExtent(extent, 0, extent.slots);
  }
  if (inBulk) finishBulkRemoval();
  noteSweep();
  return ended;
}

/** Looks at all hints of an extent, most of which are due. */
function sweepInBulk(extent: Extent): u32 {
  const hints = hintsOf(extent);
  const end = hints + ((<usize>extent.slots) << 2);
  const size = flowSize(extent.kind);
  const tick = now();
  let at = changetype<usize>(flowAt(extent, 0));
  let ended: u32 = 0;
  for (let hint = hints; hint < end; hint += 4, at += size) {
    if (<i32>(load<u32>(hint) - tick) > 0) continue;
    const flow = changetype<Flow>(at);
    if (!rearm(flow, hint, tick)) continue;
    destroyInBulk(flow);
    ended++;
  }
  return ended;
}

/** Looks at the hints of slots from..to-1. */
function sweepExtent(extent: Extent, from: u32, to: u32): u32 {
  const hints = hintsOf(extent);
  const tick = now();
  const current = i32x4.splat(tick);
  const zero = i32x4.splat(0);
  let ended: u32 = 0;
  let waiting: u32 = 0;
  for (let slot = from; slot < to; slot += SWEEP_LANES) {
    // Lanes past the last slot read the bytes behind the hints; sweepSlot never sees them.
    const left = i32x4.sub(v128.load(hints + ((<usize>slot) << 2)), current);
    let due = i32x4.bitmask(i32x4.le_s(left, zero));
    while (due) {
      const lane = <u32>ctz(due);
      due &= due - 1;
      if (slot + lane < to) waiting = sweepSlot(extent, slot + lane, tick, waiting);
    }
    if (waiting > WAITING - SWEEP_LANES) {
      ended += endFlows(waiting);
      waiting = 0;
    }
  }
  return waiting ? ended + endFlows(waiting) : ended;
}

/** Puts the flow on the list of those to end when it is over. Returns how long that list is. */
// @ts-ignore: decorator
@inline
function sweepSlot(extent: Extent, slot: u32, tick: u32, waiting: u32): u32 {
  const flow = flowAt(extent, slot);
  if (!rearm(flow, hintsOf(extent) + ((<usize>slot) << 2), tick)) return waiting;
  changetype<Waiting>(list + waiting * offsetof<Waiting>()).flow = <u32>changetype<usize>(flow);
  return waiting + 1;
}

/** Sets a hint that is due anew. Whether its flow is over. */
// @ts-ignore: decorator
@inline
function rearm(flow: Flow, hint: usize, tick: u32): bool {
  const used = (flow.status & Status.CONFIRMED) != 0;
  const over = isExpired(flow, tick);
  store<u32>(hint, used && !over ? hintFor(flow, tick) : tick + FREE_REARM);
  return used && over;
}

/**
 * Destroys the first `count` flows of the list, once all of their index chunks have been touched: as in a batch the
 * misses overlap. (A fifth less.) Returns how many there were.
 */
function endFlows(count: u32): u32 {
  const end = list + count * offsetof<Waiting>();
  hashWaiting(end);
  for (let at = list; at < end; at += offsetof<Waiting>()) touchChunk(changetype<Waiting>(at).hash);
  let ended: u32 = 0;
  for (let at = list; at < end; at += offsetof<Waiting>()) {
    const waiting = changetype<Waiting>(at);
    const flow = changetype<Flow>(waiting.flow);
    // One before it may have taken it along: see endGreCall().
    if (!(flow.status & Status.CONFIRMED)) continue;
    destroyHashed(flow, waiting.hash);
    ended++;
  }
  return ended;
}

/** Two at a time: of an odd number, the last one with whatever flow stands behind it. */
function hashWaiting(end: usize): void {
  for (let at = list; at < end; at += 2 * offsetof<Waiting>()) {
    const first = changetype<Flow>(load<u32>(at, offsetof<Waiting>("flow")));
    const second = changetype<Flow>(load<u32>(at, offsetof<Waiting>() + offsetof<Waiting>("flow")));
    if (hashesInPairs(first) && hashesInPairs(second)) {
      const hashes = hashFlowPair(first, second);
      v128.store64_lane(at, hashes, 0, offsetof<Waiting>("hash"));
      v128.store64_lane(at, hashes, 1, offsetof<Waiting>() + offsetof<Waiting>("hash"));
    } else {
      store<u64>(at, hashFlow(first, Direction.ORIGINAL), offsetof<Waiting>("hash"));
      store<u64>(at, hashFlow(second, Direction.ORIGINAL), offsetof<Waiting>() + offsetof<Waiting>("hash"));
    }
  }
}
