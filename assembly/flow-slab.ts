/**
 * Where flows live. An extent is one block filled with flows of one kind:
 *
 *   Extent header | hints: u32 x slots | counters: 24 bytes x slots (COUNTERS kinds)
 *                 | links: 16 bytes x slots (NAT kinds) | flows
 *
 * A hint is a tick before which its flow cannot have expired; keeping hints apart lets the sweep (expiry.ts) look
 * at four flows an instruction and touch no record that is not due. Free slots are linked through the word of their
 * deadline, newest first, so that a reused slot is still in the cache; their tuples can be read until then.
 */
import { reserveBlocks, reserveRoom } from "./arena";
import {
  COUNTERS_SIZE,
  Flow,
  FLOW4_SIZE,
  FLOW6_SIZE,
  Kind,
  NAT_LINKS_SIZE,
  NatLinks,
  SLOT_KIND,
} from "./layout";
import { BLOCK } from "./limits";
import { keepTouched } from "./touched";


@unmanaged
export class Extent {
  next: u32;
  kind: u32;
  slots: u32;
  /** Offsets from the extent's start. */
  counters: u32;
  links: u32;
  flows: u32;
  /** Of no meaning: see sweepSlice(). */
  touched: u32;
}

const HEADER: u32 = 32;
if (offsetof<Extent>() > HEADER) ERROR("Extent");

const KINDS: u32 = SLOT_KIND + 1;


@unmanaged
class Slab {
  first: u32;
  last: u32;
  /** Flows handed out. */
  used: u32;
}

const slab = changetype<Slab>(memory.data(offsetof<Slab>(), 16));
/** One for each kind of slot. */
const freeLists: usize = memory.data(KINDS * 4, 16);

// @ts-ignore: decorator
@inline
export function flowSize(kind: u32): u32 {
  return kind & Kind.IPV6 ? FLOW6_SIZE : FLOW4_SIZE;
}

// @ts-ignore: decorator
@inline
export function firstExtent(): usize {
  return slab.first;
}

// @ts-ignore: decorator
@inline
export function flowsInUse(): u32 {
  return slab.used;
}

// @ts-ignore: decorator
@inline
export function extentOf(flow: Flow): Extent {
  return changetype<Extent>(changetype<usize>(flow) & ~(<usize>BLOCK - 1));
}

// @ts-ignore: decorator
@inline
function slotOf(extent: Extent, flow: Flow): u32 {
  const offset = <u32>(changetype<usize>(flow) - changetype<usize>(extent)) - extent.flows;
  return extent.kind & Kind.IPV6 ? offset / FLOW6_SIZE : offset / FLOW4_SIZE;
}

// @ts-ignore: decorator
@inline
export function hintsOf(extent: Extent): usize {
  return changetype<usize>(extent) + HEADER;
}

// @ts-ignore: decorator
@inline
export function flowAt(extent: Extent, slot: u32): Flow {
  return changetype<Flow>(changetype<usize>(extent) + extent.flows + slot * flowSize(extent.kind));
}

// @ts-ignore: decorator
@inline
export function hintOf(flow: Flow): usize {
  const extent = extentOf(flow);
  return hintsOf(extent) + (slotOf(extent, flow) << 2);
}

/** Address of a flow's counters; only for COUNTERS kinds. */
// @ts-ignore: decorator
@inline
export function countersOf(flow: Flow): usize {
  const extent = extentOf(flow);
  return changetype<usize>(extent) + extent.counters + slotOf(extent, flow) * COUNTERS_SIZE;
}

/** A flow's links; only for NAT kinds. */
// @ts-ignore: decorator
@inline
export function natLinksOf(flow: Flow): NatLinks {
  const extent = extentOf(flow);
  return changetype<NatLinks>(
    changetype<usize>(extent) + extent.links + slotOf(extent, flow) * NAT_LINKS_SIZE,
  );
}

/** As memory.fill(), which is a call out of WebAssembly and takes as long as all the rest of an allocation. */
// @ts-ignore: decorator
@inline
function clearFlow(at: usize, size: u32): void {
  const zero = i64x2.splat(0);
  for (const end = at + size; at < end; at += 32) {
    v128.store(at, zero);
    v128.store(at, zero, 16);
  }
}

/** A flow with nothing but its kind and generation set; null when memory is exhausted. */
export function allocateFlow(kind: u32): Flow | null {
  const list = freeLists + (kind << 2);
  if (!load<u32>(list) && !addExtent(kind)) return null;
  const flow = changetype<Flow>(load<u32>(list));
  const next = flow.deadline;
  store<u32>(list, next);
  // The next flow's lines are on their way while this one is filled: 6 ns a connection among a million. Address 0 may be read.
  keepTouched(load<u32>(next) ^ load<u32>(next, 64));
  slab.used++;
  const generation = flow.generation;
  clearFlow(changetype<usize>(flow), flowSize(kind));
  flow.generation = generation;
  flow.kind = <u8>kind;
  if (kind & Kind.COUNTERS) memory.fill(countersOf(flow), 0, COUNTERS_SIZE);
  if (kind & Kind.NAT) memory.fill(changetype<usize>(natLinksOf(flow)), 0, NAT_LINKS_SIZE);
  return flow;
}

// @ts-ignore: decorator
@inline
function linkFree(flow: Flow, list: usize): void {
  flow.deadline = load<u32>(list);
  store<u32>(list, <u32>changetype<usize>(flow));
}

// @ts-ignore: decorator
@inline
export function freeFlow(flow: Flow): void {
  flow.status = 0;
  flow.generation++;
  linkFree(flow, freeLists + ((flow.kind & SLOT_KIND) << 2));
  slab.used--;
}

/** Makes memory large enough for so many further flows, of whatever kind. False when it cannot be. */
export function reserveExtents(flows: u32): bool {
  const slots = slotsOf(flowSize(SLOT_KIND) + 4 + COUNTERS_SIZE + NAT_LINKS_SIZE);
  return reserveRoom((flows + slots - 1) / slots);
}

/** How many flows an extent has room for, of so many bytes each: alignment costs at most one flow's space. */
// @ts-ignore: decorator
@inline
function slotsOf(bytes: u32): u32 {
  return (BLOCK - HEADER - 32) / bytes;
}

function addExtent(kind: u32): bool {
  const start = reserveBlocks(1);
  if (!start) return false;
  const extent = changetype<Extent>(start);
  const counters: u32 = kind & Kind.COUNTERS ? COUNTERS_SIZE : 0;
  const links: u32 = kind & Kind.NAT ? NAT_LINKS_SIZE : 0;
  const size = flowSize(kind);
  const slots = slotsOf(size + 4 + counters + links);
  extent.kind = kind;
  extent.slots = slots;
  extent.counters = HEADER + slots * 4;
  extent.links = extent.counters + slots * counters;
  extent.flows = (extent.links + slots * links + 31) & ~31;
  if (slab.last) changetype<Extent>(slab.last).next = <u32>start;
  else slab.first = <u32>start;
  slab.last = <u32>start;
  const list = freeLists + (kind << 2);
  for (let slot = slots; slot > 0; slot--) {
    linkFree(flowAt(extent, slot - 1), list);
  }
  return true;
}
