/**
 * Events wait here for JavaScript to fetch them. A full ring takes no more and counts what it lost, as a netlink
 * socket does: what was told stays in order, and packets never wait.
 */
import { reserveBlocks } from "./arena";
import { now, nowMs } from "./clock";
import { ticksLeft } from "./flow";
import { countersOf, flowSize } from "./flow-slab";
import { Extension } from "./flow-extension";
import { COUNTERS_SIZE, Flow, FLOW4_SIZE, FLOW6_SIZE, Kind } from "./layout";
import { BLOCK, HZ } from "./limits";
import { EventKind } from "./shared/event";
import { Sysctl } from "./shared/sysctl";
import { sysctl } from "./sysctl";

/** What happened and how the flow looked then. */
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
  counters0: u32;
  counters1: u64;
  counters2: u64;
  counters3: u32;
  helper: u32;
  /** The flow's master and the generation of its slot, 0 = none. */
  master: u32;
  masterGeneration: u32;
  /** When the flow was confirmed, NaN when it has no timestamp. */
  start: f64;
  /** The flow's labels. */
  labels0: u64;
  labels1: u64;
  /** Copy of the flow, FLOW6_SIZE bytes; or of the expectation, and its master's original addresses at ANNOUNCER. */
  copy: u64;
}

const ANNOUNCER_SIZE: u32 = 32;
const COPY: usize = offsetof<Event>("copy");
export const EVENT_SIZE: u32 = (<u32>COPY + FLOW6_SIZE + 15) & ~15;
const COUNTERS: usize = offsetof<Event>("counters0");
/** Where an expectation's event has its master's original addresses: the end of the copy's room. */
export const ANNOUNCER: usize = COPY + FLOW6_SIZE - ANNOUNCER_SIZE;
if (COUNTERS + COUNTERS_SIZE > offsetof<Event>("helper")) ERROR("Event");


@unmanaged
class Ring {
  start: u32;
  capacity: u32;
  /** Free-running; both wrap together. */
  head: u32;
  tail: u32;
  lost: u32;
}

const ring = changetype<Ring>(memory.data(offsetof<Ring>(), 8));

/** `capacity`: events, rounded down to what fills whole blocks' worth of ring; 0 keeps no events. */
export function createEventRing(capacity: u32): bool {
  if (!capacity) return true;
  const blocks = <u32>((<u64>capacity * EVENT_SIZE + BLOCK - 1) / BLOCK);
  const start = reserveBlocks(blocks);
  if (!start) return false;
  ring.start = <u32>start;
  ring.capacity = capacity;
  return true;
}

/** A free place at the ring's end, or null: nobody wants events, or the ring is full. */
function nextPlace(): Event | null {
  if (!sysctl(Sysctl.EVENTS)) return null;
  if (ring.tail - ring.head >= ring.capacity) {
    ring.lost++;
    return null;
  }
  const event = changetype<Event>(ring.start + (ring.tail % ring.capacity) * EVENT_SIZE);
  ring.tail++;
  event.time = nowMs();
  return event;
}

/** Tells of a flow as it is now, where anybody wants to know. */
// @ts-ignore: decorator
@inline
export function emitEvent(flow: Flow, kind: EventKind, changes: u32): void {
  if (sysctl(Sysctl.EVENTS)) tell(flow, kind, changes);
}

function tell(flow: Flow, kind: EventKind, changes: u32): void {
  if (flow.extension && !tells(flow, changes)) return;
  const event = nextPlace();
  if (!event) return;
  event.kind = <u16>kind;
  event.changes = <u16>changes;
  event.timeout = ticksLeft(flow, now()) / HZ;
  event.flow = <u32>changetype<usize>(flow);
  const extension = changetype<Extension>(flow.extension);
  event.start = flow.extension ? extension.start : NaN;
  event.helper = flow.extension ? extension.helper : 0;
  event.master = flow.extension ? extension.master : 0;
  event.masterGeneration = flow.extension ? extension.masterGeneration : 0;
  event.labels0 = flow.extension ? extension.labels0 : 0;
  event.labels1 = flow.extension ? extension.labels1 : 0;
  const at = changetype<usize>(event);
  if (flow.kind & Kind.COUNTERS) memory.copy(at + COUNTERS, countersOf(flow), COUNTERS_SIZE);
  copyFlow(at + COPY, changetype<usize>(flow), flowSize(flow.kind));
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
  const event = nextPlace();
  if (!event) return;
  event.kind = <u16>kind;
  event.changes = 0;
  event.flow = expectation;
  event.counters0 = master.originalPorts;
  event.helper = master.protocol;
  const at = changetype<usize>(event);
  memory.copy(at + COPY, expectation, min<u32>(size, FLOW6_SIZE - ANNOUNCER_SIZE));
  const flow = changetype<usize>(master);
  if (master.kind & Kind.IPV6) memory.copy(at + ANNOUNCER, flow + FLOW4_SIZE, ANNOUNCER_SIZE);
  else store<u64>(at + ANNOUNCER, master.originalAddress);
}

/** Address of the oldest event, 0 for none. */
export function firstEvent(): u32 {
  return ring.head == ring.tail ? 0 : ring.start + (ring.head % ring.capacity) * EVENT_SIZE;
}

export function dropFirstEvent(): void {
  if (ring.head == ring.tail) return;
  ring.head++;
  // Starting over at the first slot keeps the free-running counters far from wrapping unevenly.
  if (ring.head == ring.tail) {
    ring.head = 0;
    ring.tail = 0;
  }
}

/** Events lost since the last call. */
export function takeLostEvents(): u32 {
  const lost = ring.lost;
  ring.lost = 0;
  return lost;
}
