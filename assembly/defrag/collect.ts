/** What IPv4 and IPv6 have in common: a fragment's way into its queue, and when the queue is complete. */
import { Packet } from "../layout";
import { FragmentFate } from "../shared/fragment-fate";
import { Reason } from "../shared/reason";
import { cover, Overlap, overlapOf, PAGE_SPAN } from "./coverage";
import { datagram, ensureRoom, LONGEST_PAYLOAD, putTogether } from "./datagram";
import { cellsFor, keepFragment } from "./fragment";
import { startPieces } from "./output";
import { dropQueue, Have, Queue } from "./queue";

/** What is left to do with a fragment's packet. */
export enum Collected {
  /** Nothing: it waits, or is gone. */
  HELD = 0,
  /** It goes on as it is, a fragment. */
  PASSES,
  /** It goes on as the datagram that it has completed. */
  DATAGRAM,
}

/** The packet says what became of it. */
export function heldAs(packet: Packet, fate: FragmentFate): Collected {
  packet.reason = <u8>Reason.FRAGMENT;
  packet.a = fate;
  return Collected.HELD;
}

/** The most cells that a fragment of the datagram's bytes from..to-1 takes, `bytes` of them to be kept. */
export function cellsNeeded(bytes: u32, from: u32, to: u32): u32 {
  return cellsFor(bytes) + to / PAGE_SPAN - from / PAGE_SPAN + 1;
}

/** Notes where the datagram ends, or that it reaches at least to `to`. False when that contradicts what has come. */
export function noteEnd(queue: Queue, to: u32, more: bool): bool {
  const known = (queue.flags & Have.LAST) != 0;
  if (more) {
    if (to <= queue.total) return true;
    if (known) return false;
  } else {
    if (to < queue.total || (known && to != queue.total)) return false;
    queue.flags |= <u8>Have.LAST;
  }
  queue.total = to;
  return true;
}

/**
 * Enters bytes from..to-1 of a datagram into its queue. `headers`: how many bytes of the packet the datagram keeps
 * before its payload, should this be the first fragment. `dataAt`: where its own bytes are, `captured` of them.
 */
export function enter(
  queue: Queue,
  packet: Packet,
  headers: u32,
  from: u32,
  to: u32,
  dataAt: u32,
  captured: u32,
): FragmentFate {
  if (to == from) return FragmentFate.EMPTY;
  const overlap = overlapOf(queue, from, to);
  if (overlap == Overlap.INSIDE) return FragmentFate.COPY;
  if (overlap == Overlap.PARTIAL) return FragmentFate.OVERLAP;
  const length = to - from;
  const kept = keepFragment(
    queue,
    packet.l3,
    from ? 0 : headers,
    from >>> 3,
    dataAt,
    length,
    min(captured, length),
  );
  cover(queue, from, to);
  queue.tail = max(queue.tail, to);
  queue.gathered += length;
  if (captured < length) queue.flags |= <u8>Have.CUT;
  if (!from) {
    queue.first = kept;
    queue.flags |= <u8>Have.FIRST;
  }
  return FragmentFate.HELD;
}

/** Whether all has come, and there is room to put it together. */
export function isComplete(queue: Queue): bool {
  const ends = <u32>(Have.FIRST | Have.LAST);
  return (queue.flags & ends) == ends && queue.gathered == queue.total && ensureRoom();
}

/** Puts a complete queue together, with the headers as its first fragment had them. `length`: what its header will say. */
export function join(queue: Queue, length: u32): FragmentFate {
  if (length > LONGEST_PAYLOAD) return FragmentFate.TOO_LONG;
  if (!ecnAgrees(queue)) return FragmentFate.ECN;
  putTogether(queue);
  return FragmentFate.HELD;
}

/** The end of a queue whose datagram has come together, its headers written, or has not. */
export function goOn(queue: Queue, packet: Packet, joined: FragmentFate): Collected {
  const fate = joined == FragmentFate.HELD && !startPieces() ? FragmentFate.NO_ROOM : joined;
  dropQueue(queue);
  if (fate != FragmentFate.HELD) return heldAs(packet, fate);
  packet.l3 = datagram.at;
  packet.l3Length = datagram.total;
  return Collected.DATAGRAM;
}

const NOT_CAPABLE: u32 = 1 << 0;
const CONGESTION: u32 = 1 << 3;

/** RFC 3168 section 5.3: fragments that are ECN-capable and fragments that are not do not make one datagram. */
function ecnAgrees(queue: Queue): bool {
  return !(queue.ecn & NOT_CAPABLE) || queue.ecn == NOT_CAPABLE;
}

/** The bits to add to the datagram's ECN field: congestion that one fragment met, all of them did. */
export function ecnToAdd(queue: Queue): u32 {
  return queue.ecn & CONGESTION ? 3 : 0;
}
