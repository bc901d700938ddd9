/**
 * A datagram put together. There is room for one: it stays as it is until the next one, while it is tracked and read
 * by JavaScript. Beside it are marks where its fragments began, because it leaves in the same pieces (output.ts).
 */
import { reserveBlocks } from "../arena";
import { Packet } from "../layout";
import { addRoom, lengthInHeader } from "../wire/resize";
import { copyFragment, Fragment, nextFragment } from "./fragment";
import { Have, Queue } from "./queue";

/** An IPv6 header and 65535 bytes fit into two blocks. */
const ROOM_BLOCKS: u32 = 2;
export const LONGEST_PAYLOAD: u32 = 65535;


@unmanaged
export class Datagram {
  /** Where it lies; 0 as long as there has been none. */
  at: u32;
  family: u32;
  hook: u32;
  /** Bytes of headers that came before the fragments' payload. */
  headers: u32;
  /** Bytes of the whole packet, and how many of them the capture has without a gap. */
  total: u32;
  known: u32;
  /** Longest fragment as a packet. */
  largest: u32;
  /** 1: it is no datagram that was put together, but a packet that is taken apart. */
  whole: u32;
  /** Bytes from the transport header on that have been joined on the way, to be written into. */
  joined: u32;
}

export const datagram: Datagram = changetype<Datagram>(memory.data(offsetof<Datagram>(), 8));

/** Bit n: a fragment began at byte 8n of the payload. */
const MARKS: u32 = 8192;
const marks: usize = memory.data(MARKS / 8, 8);

/** Marks a datagram that has been put together and not been fetched. */
let waiting: bool = false;

// @ts-ignore: decorator
@inline
export function datagramWaits(): bool {
  return waiting;
}

/** Whether the packet is the datagram that has just been put together. */
export function isDatagram(packet: Packet): bool {
  return waiting && packet.l3 == datagram.at && !datagram.whole;
}

/** So many bytes of the packet, from its transport header on, are written into: Linux joins them before. */
export function noteJoined(packet: Packet, bytes: u32): void {
  if (isDatagram(packet)) datagram.joined = max(datagram.joined, bytes);
}

export function largestFragment(): u32 {
  return datagram.largest;
}

export function forgetDatagram(): void {
  waiting = false;
}

/** False when memory is out. */
export function ensureRoom(): bool {
  if (!datagram.at) {
    datagram.at = <u32>reserveBlocks(ROOM_BLOCKS);
    addRoom(datagram.at);
  }
  return datagram.at != 0;
}

/** Puts a complete queue's fragments together; its headers and payload must fit. */
export function putTogether(queue: Queue): void {
  const first = changetype<Fragment>(queue.first);
  const headers = <u32>first.headers;
  datagram.family = queue.family;
  datagram.hook = queue.hook;
  datagram.headers = headers;
  datagram.total = headers + queue.total;
  datagram.known = datagram.total;
  datagram.largest = queue.largest;
  datagram.whole = 0;
  datagram.joined = 0;
  memory.fill(marks, 0, MARKS / 8);
  if (queue.flags & Have.CUT) memory.fill(datagram.at, 0, datagram.total);
  copyFragment(first, 0, headers, datagram.at);
  for (let at = nextFragment(<u32>changetype<usize>(queue)); at; at = nextFragment(at)) {
    const fragment = changetype<Fragment>(at);
    const units = <u32>fragment.units;
    const captured = <u32>fragment.captured;
    const start = headers + (units << 3);
    copyFragment(fragment, fragment.headers, captured, datagram.at + start);
    if (captured < fragment.length) datagram.known = min(datagram.known, start + captured);
    const mark = marks + (units >>> 3);
    store<u8>(mark, <u8>((<u32>load<u8>(mark)) | (1 << (units & 7))));
  }
  waiting = true;
}

/** Takes in a packet that came whole, to be taken apart. False when memory is out. */
export function takeWhole(packet: Packet): bool {
  if (!ensureRoom()) return false;
  const headers = packet.l4 - packet.l3;
  datagram.family = packet.family;
  datagram.hook = packet.hook;
  datagram.headers = headers;
  datagram.total = packet.l3Length;
  datagram.known = min(headers + packet.l4Captured, packet.l3Length);
  datagram.whole = 1;
  datagram.joined = 0;
  memory.fill(marks, 0, MARKS / 8);
  memory.copy(datagram.at, packet.l3, datagram.known);
  waiting = true;
  return true;
}

/** Has the first fragment end where so many bytes of the payload do, a multiple of eight. */
export function joinPieces(bytes: u32): void {
  const last = bytes >>> 3;
  for (let units: u32 = 1; units <= last; units++) {
    const mark = marks + (units >>> 3);
    const bit = 1 << (units & 7);
    const there = <u32>load<u8>(mark);
    store<u8>(mark, <u8>(units == last ? there | bit : there & ~bit));
  }
}

/** Where the next fragment after byte `from` of the packet began, or the packet's end. */
export function nextBegin(from: u32): u32 {
  const headers = datagram.headers;
  // What began with the headers is no begin of its own.
  let units: u32 = from < headers ? 1 : ((from - headers) >>> 3) + 1;
  const end = (datagram.total - headers + 7) >>> 3;
  while (units < end) {
    const left = (<u32>load<u8>(marks + (units >>> 3))) >>> (units & 7);
    if (left) return headers + ((units + ctz(left)) << 3);
    units = (units | 7) + 1;
  }
  return datagram.total;
}

/** Whether the datagram has changed its length since it was put together; noted once. */
export function hasChangedLength(): bool {
  const total = lengthInHeader(datagram.at, datagram.family);
  if (total == datagram.total) return false;
  datagram.known += total - datagram.total;
  datagram.total = total;
  return true;
}
