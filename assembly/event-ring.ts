/**
 * Events wait here for JavaScript to fetch them. A full ring takes no more and counts what it lost, as a netlink
 * socket does: what was told stays in order, and packets never wait.
 */
import { reserveBlocks } from "./arena";
import { now, nowMs } from "./clock";
import { ticksLeft } from "./flow";
import { countersOf } from "./flow-slab";
import { Extension } from "./flow-extension";
import { COUNTERS_SIZE, Flow, FLOW4_SIZE, FLOW6_SIZE, Kind } from "./layout";
import { BLOCK, HZ } from "./limits";
import { EventKind } from "./shared/event";
import { Sysctl } from "./shared/sysctl";
import { sysctl } from "./sysctl";

/**
 * What happened and how the flow looked then. Most events take one cell: those of IPv4 flows that have neither extension nor
 * counters. Others take two, of which the second one holds the rest of the copy, and more about the flow.
 */
@unmanaged
export class Event {
  time: f64;
  kind: u16;
  /** EventBit set. */
  changes: u16;
  /** Whole seconds left. */
  timeout: u32;
  /** Where the flow lay: with the copy's generation its identity. */
  flow: u32;
  /** Bytes that the event takes: CELL, or twice as many. */
  size: u32;
  unused: u64;
  /** Copy of the flow, of its first FLOW4_SIZE bytes in one cell; or of the expectation. */
  copy: u64;
}

const CELL: u32 = 128;
const COPY: usize = offsetof<Event>("copy");
if (COPY + FLOW4_SIZE != CELL) ERROR("Event");

/** What an event of two cells tells besides, behind the copy. */
@unmanaged
export class EventMore {
  counters0: u64;
  counters1: u64;
  counters2: u64;
  /** When the flow was confirmed, NaN when it has no timestamp. */
  start: f64;
  /** The flow's labels. */
  labels0: u64;
  labels1: u64;
  helper: u32;
  /** The flow's master and the generation of its slot, 0 = none. */
  master: u32;
  masterGeneration: u32;
}

/** Where it begins. */
export const MORE: usize = COPY + FLOW6_SIZE;
const COUNTERS: usize = MORE + offsetof<EventMore>("counters0");
if (offsetof<EventMore>("counters0") + COUNTERS_SIZE > offsetof<EventMore>("start")) ERROR("EventMore");
if (MORE + offsetof<EventMore>() > 2 * CELL) ERROR("EventMore");

/** Where an expectation's event has its master's original addresses: the end of the copy's room. */
const ANNOUNCER_SIZE: u32 = 32;
export const ANNOUNCER: usize = MORE - ANNOUNCER_SIZE;


@unmanaged
class Ring {
  start: u32;
  /** Behind the last cell; one more is there, so that an event which begins in the last one need not be cut. */
  end: u32;
  /** Events that may wait, and that do. */
  capacity: u32;
  waiting: u32;
  /** Where the oldest one is and the next one will be. */
  head: u32;
  tail: u32;
  lost: u32;
}

const ring = changetype<Ring>(memory.data(offsetof<Ring>(), 8));

/** `capacity`: events, of whatever size; 0 keeps no events. */
export function createEventRing(capacity: u32): bool {
  if (!capacity) return true;
  const size = <u64>capacity * (2 * CELL);
  const start = reserveBlocks(<u32>((size + CELL + BLOCK - 1) / BLOCK));
  if (!start) return false;
  ring.start = <u32>start;
  ring.end = <u32>(start + size);
  ring.head = ring.start;
  ring.tail = ring.start;
  ring.capacity = capacity;
  return true;
}

/** A free place at the ring's end, or null when the ring is full. */
// @ts-ignore: decorator
@inline
function nextPlace(size: u32): Event | null {
  if (ring.waiting >= ring.capacity) {
    ring.lost++;
    return null;
  }
  const event = changetype<Event>(ring.tail);
  ring.waiting++;
  ring.tail = behind(ring.tail, size);
  event.time = nowMs();
  event.size = size;
  return event;
}

// @ts-ignore: decorator
@inline
function behind(at: u32, size: u32): u32 {
  const next = at + size;
  return next < ring.end ? next : next - ring.end + ring.start;
}

/** Tells of a flow as it is now, where anybody wants to know. */
// @ts-ignore: decorator
@inline
export function emitEvent(flow: Flow, kind: EventKind, changes: u32): void {
  if (sysctl(Sysctl.EVENTS)) tell(flow, kind, changes);
}

function tell(flow: Flow, kind: EventKind, changes: u32): void {
  if (flow.extension && !tells(flow, changes)) return;
  const long = flow.extension || flow.kind & (Kind.IPV6 | Kind.COUNTERS);
  const event = nextPlace(long ? 2 * CELL : CELL);
  if (!event) return;
  event.kind = <u16>kind;
  event.changes = <u16>changes;
  event.timeout = ticksLeft(flow, now()) / HZ;
  event.flow = <u32>changetype<usize>(flow);
  const at = changetype<usize>(event);
  copyFlow(at + COPY, changetype<usize>(flow), FLOW4_SIZE);
  if (long) tellMore(at, flow);
}

/** The second cell. */
function tellMore(at: usize, flow: Flow): void {
  const more = changetype<EventMore>(at + MORE);
  const extension = changetype<Extension>(flow.extension);
  more.start = flow.extension ? extension.start : NaN;
  more.helper = flow.extension ? extension.helper : 0;
  more.master = flow.extension ? extension.master : 0;
  more.masterGeneration = flow.extension ? extension.masterGeneration : 0;
  more.labels0 = flow.extension ? extension.labels0 : 0;
  more.labels1 = flow.extension ? extension.labels1 : 0;
  if (flow.kind & Kind.COUNTERS) memory.copy(at + COUNTERS, countersOf(flow), COUNTERS_SIZE);
  if (!(flow.kind & Kind.IPV6)) return;
  copyFlow(at + COPY + FLOW4_SIZE, changetype<usize>(flow) + FLOW4_SIZE, FLOW6_SIZE - FLOW4_SIZE);
}

/** As memory.copy(), which is a call out of WebAssembly and takes longer. */
// @ts-ignore: decorator
@inline
function copyFlow(to: usize, from: usize, size: u32): void {
  for (const end = from + size; from < end; from += 32, to += 32) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
}

/** `--ctevents` chooses what a flow tells of: an event with none of that is not sent. */
function tells(flow: Flow, changes: u32): bool {
  const extension = changetype<Extension>(flow.extension);
  return !extension.eventsChosen || (extension.eventMask & changes) != 0;
}

/**
 * Tells of an expectation as it is now: `size` bytes of it are copied. Who announced it is told in full, because that
 * flow may be gone when the event is read: its original ports in `counters0`, its protocol in `helper`.
 */
export function emitExpectationEvent(expectation: u32, size: u32, kind: EventKind, master: Flow): void {
  if (!sysctl(Sysctl.EVENTS)) return;
  const event = nextPlace(2 * CELL);
  if (!event) return;
  event.kind = <u16>kind;
  event.changes = 0;
  event.flow = expectation;
  const at = changetype<usize>(event);
  const more = changetype<EventMore>(at + MORE);
  more.counters0 = <u64>master.originalPorts;
  more.helper = master.protocol;
  memory.copy(at + COPY, expectation, min<u32>(size, FLOW6_SIZE - ANNOUNCER_SIZE));
  const flow = changetype<usize>(master);
  if (master.kind & Kind.IPV6) memory.copy(at + ANNOUNCER, flow + FLOW4_SIZE, ANNOUNCER_SIZE);
  else store<u64>(at + ANNOUNCER, master.originalAddress);
}

/** Address of the oldest event, 0 for none. */
export function firstEvent(): u32 {
  return ring.waiting ? ring.head : 0;
}

export function dropFirstEvent(): void {
  if (!ring.waiting) return;
  ring.waiting--;
  ring.head = behind(ring.head, changetype<Event>(ring.head).size);
  if (ring.waiting) return;
  // What has been read is in the cache: the next ones go there.
  ring.head = ring.start;
  ring.tail = ring.start;
}

/** Events lost since the last call. */
export function takeLostEvents(): u32 {
  const lost = ring.lost;
  ring.lost = 0;
  return lost;
}
