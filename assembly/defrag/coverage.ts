/**
 * Which bytes of a datagram have come, in units of eight, and where runs of fragments begin: a run grows only at the
 * datagram's end, when a fragment continues the one with the highest offset. Linux takes a fragment that lies inside
 * one run for a copy, and one that overlaps anything else for an attack.
 *
 * One bit each a unit, in pages of 8 KiB of datagram that exist where something has come.
 */
import { CELL_CONTENT, CELL_HEADER } from "./cells";
import { addCell, Queue } from "./queue";

/** Words of 64 units that a page has for what has come; as many for begins follow. */
const PAGE_WORDS: u32 = CELL_CONTENT / 16;
const BEGINS: usize = PAGE_WORDS * 8;
/** Bytes of datagram that a page is about. */
export const PAGE_SPAN: u32 = PAGE_WORDS * 64 * 8;

export enum Overlap {
  NONE = 0,
  /** Inside one run. */
  INSIDE,
  PARTIAL,
}

// @ts-ignore: decorator
@inline
function pageSlot(queue: Queue, word: u32): usize {
  return changetype<usize>(queue) + offsetof<Queue>("page0") + ((word / PAGE_WORDS) << 2);
}

/** Address of the word of units that have come, 0 when there is no page. */
// @ts-ignore: decorator
@inline
function wordAt(queue: Queue, word: u32): usize {
  const page = <usize>load<u32>(pageSlot(queue, word));
  return page ? page + CELL_HEADER + ((word % PAGE_WORDS) << 3) : <usize>0;
}

/** Bits of a word that belong to units first..end-1; the word is one that has some. */
// @ts-ignore: decorator
@inline
function maskOf(word: u32, first: u32, end: u32): u64 {
  let mask = ~(<u64>0);
  if (word == first >>> 6) mask <<= first & 63;
  if (word == (end - 1) >>> 6) mask &= ~(<u64>0) >>> (63 - ((end - 1) & 63));
  return mask;
}

/** How bytes from..to-1 meet what has come. Neither the bytes nor the datagram may be empty. */
export function overlapOf(queue: Queue, from: u32, to: u32): Overlap {
  const first = from >>> 3;
  const end = (to + 7) >>> 3;
  let some = false;
  let all = true;
  let begins = false;
  for (let word = first >>> 6; word <= (end - 1) >>> 6; word++) {
    const mask = maskOf(word, first, end);
    const at = wordAt(queue, word);
    const come = at ? load<u64>(at) & mask : 0;
    if (come) some = true;
    if (come != mask) all = false;
    // A run may begin where the bytes do.
    const inside = word == first >>> 6 ? mask & ~((<u64>1) << (first & 63)) : mask;
    if (at && load<u64>(at, BEGINS) & inside) begins = true;
  }
  if (!some) return Overlap.NONE;
  return all && !begins ? Overlap.INSIDE : Overlap.PARTIAL;
}

/** Notes that bytes from..to-1 have come. */
export function cover(queue: Queue, from: u32, to: u32): void {
  const first = from >>> 3;
  const end = (to + 7) >>> 3;
  for (let word = first >>> 6; word <= (end - 1) >>> 6; word++) {
    const slot = pageSlot(queue, word);
    if (!load<u32>(slot)) store<u32>(slot, addCell(queue));
    const at = wordAt(queue, word);
    store<u64>(at, load<u64>(at) | maskOf(word, first, end));
  }
  if (queue.tail == from && from) return;
  const at = wordAt(queue, first >>> 6);
  store<u64>(at, load<u64>(at, BEGINS) | ((<u64>1) << (first & 63)), BEGINS);
}
