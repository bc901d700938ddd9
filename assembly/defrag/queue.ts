/**
 * Reassembly queues: a datagram in the making each, found by a keyed hash of what its fragments have in common.
 *
 *   cells of a queue, one chain:  Queue -> Page | Fragment -> its further bytes -> ...
 *   queues of a family, by age:   oldest <-> ... <-> newest
 *
 * The memory of a family is bounded by its threshold. When that is reached, fragments are refused until queues
 * complete or time out, whether their queue exists or not, as Linux does it.
 */
import { Packet } from "../layout";
import { HZ } from "../limits";
import { Family } from "../shared/protocol";
import { Sysctl } from "../shared/sysctl";
import { setWord, sipHashWords } from "../sip-hash";
import { sysctl } from "../sysctl";
import { ensureBuckets, queueBucket } from "./buckets";
import { CELL, ensureCells, releaseCells, takeCell } from "./cells";
import { acquireSource, isNewSource, releaseSource } from "./source";

/** Bits of Queue.flags. */
export enum Have {
  FIRST = 1,
  LAST = 2,
  /** A capture cut one of the fragments. */
  CUT = 4,
}


@unmanaged
export class Queue {
  /** The chain of its cells, itself at the head. */
  next: u32;
  lastCell: u32;
  cells: u32;
  hashNext: u32;
  bucket: u32;
  older: u32;
  newer: u32;
  /** Tick at which the queue is given up. */
  deadline: u32;

  // --- what its fragments have in common
  src0: u64;
  src1: u64;
  dst0: u64;
  dst1: u64;
  id: u32;
  /** IPv6: only the first fragment's counts, and is none of what they have in common. */
  protocol: u8;
  hook: u8;
  family: u8;

  // --- what has come
  /** Have bits. */
  flags: u8;
  /** Bit n: a fragment had n in its ECN field. */
  ecn: u32;
  /** Bytes of payload, as far as known: exact once the last fragment has come. */
  total: u32;
  /** Where the fragment with the highest offset ends. */
  tail: u32;
  /** Bytes of payload that are there. */
  gathered: u32;
  /** Longest fragment as a packet, and longest of those with DF. */
  largest: u32;
  largestDf: u32;
  /** The fragment at offset 0. */
  first: u32;
  /** The source's record, and its count when this queue got its latest fragment (IPv4). */
  source: u32;
  rank: u32;
  /** Address of page n, which covers bytes n * PAGE_SPAN on; PAGES of them (coverage.ts). */
  page0: u32;
}

/** Offsets reach 64 KiB, and so may the length of a fragment at the last one. */
export const PAGES: u32 = 16;
if (offsetof<Queue>("page0") + PAGES * 4 > CELL) ERROR("Queue");

/** Queues that one fragment gives up at most, when their time is over. */
const EXPIRE_PER_FRAGMENT: u32 = 8;


@unmanaged
class Age {
  oldest: u32;
  newest: u32;
  /** Cells in use. */
  cells: u32;
}

/** Age of IPv4's queues, then IPv6's. */
const ages: usize = memory.data(2 * offsetof<Age>(), 8);

// @ts-ignore: decorator
@inline
function ageOf(family: u32): Age {
  return changetype<Age>(ages + (family == Family.IPV6 ? offsetof<Age>() : 0));
}

/** Bytes that reassembly uses now. */
export function fragmentBytes(): u32 {
  return (ageOf(Family.IPV4).cells + ageOf(Family.IPV6).cells) * CELL;
}

/**
 * The packet's queue, made when there is none. `cells`: how many its fragment may take. Null when the threshold does
 * not allow for them, or memory is out.
 */
export function queueFor(packet: Packet, id: u32, cells: u32): Queue | null {
  const family = <u32>packet.family;
  const age = ageOf(family);
  expireQueues(family, packet.now, EXPIRE_PER_FRAGMENT);
  // Beside the fragment's own, one for the queue and one for the source's record.
  const threshold = sysctl(family == Family.IPV6 ? Sysctl.FRAG6_HIGH_THRESH : Sysctl.FRAG4_HIGH_THRESH);
  if (<u64>(age.cells + cells + 2) * CELL > <u64>threshold) return null;
  if (!ensureBuckets() || !ensureCells(cells + 2)) return null;
  const bucket = bucketOf(packet, id);
  const found = findQueue(packet, id, bucket);
  return found ? found : createQueue(packet, id, bucket);
}

// @ts-ignore: decorator
@inline
function protocolOf(packet: Packet): u8 {
  return packet.family == Family.IPV6 ? 0 : packet.protocol;
}

function bucketOf(packet: Packet, id: u32): u32 {
  const six = packet.family == Family.IPV6;
  setWord(0, six ? packet.src0 : packet.address);
  setWord(1, six ? packet.src1 : 0);
  setWord(2, six ? packet.dst0 : 0);
  setWord(3, six ? packet.dst1 : 0);
  setWord(4, (<u64>id) | ((<u64>protocolOf(packet)) << 32) | ((<u64>packet.hook) << 40) | ((<u64>40) << 56));
  return queueBucket(sipHashWords(5));
}

function findQueue(packet: Packet, id: u32, bucket: u32): Queue | null {
  const six = packet.family == Family.IPV6;
  for (let at = load<u32>(bucket); at; at = changetype<Queue>(at).hashNext) {
    const queue = changetype<Queue>(at);
    if (queue.id != id || queue.family != packet.family || queue.hook != packet.hook) continue;
    const same = six
      ? queue.src0 == packet.src0 &&
        queue.src1 == packet.src1 &&
        queue.dst0 == packet.dst0 &&
        queue.dst1 == packet.dst1
      : queue.src0 == packet.address && queue.protocol == packet.protocol;
    if (!same) continue;
    if (<i32>(queue.deadline - packet.now) > 0) return queue;
    dropQueue(queue);
    return null;
  }
  return null;
}

function createQueue(packet: Packet, id: u32, bucket: u32): Queue {
  const six = packet.family == Family.IPV6;
  const at = takeCell();
  const queue = changetype<Queue>(at);
  queue.lastCell = at;
  queue.cells = 1;
  queue.id = id;
  queue.family = packet.family;
  queue.hook = packet.hook;
  queue.protocol = protocolOf(packet);
  if (six) {
    queue.src0 = packet.src0;
    queue.src1 = packet.src1;
    queue.dst0 = packet.dst0;
    queue.dst1 = packet.dst1;
  } else {
    queue.src0 = packet.address;
  }
  queue.bucket = bucket;
  queue.hashNext = load<u32>(bucket);
  store<u32>(bucket, at);
  const age = ageOf(packet.family);
  age.cells++;
  if (!six && sysctl(Sysctl.FRAG4_MAX_DIST)) {
    queue.source = acquireSource(<u32>packet.address);
    if (isNewSource(queue.source)) age.cells++;
  }
  append(queue, packet.now);
  return queue;
}

/** Makes the queue its family's newest, with all its time before it. */
function append(queue: Queue, now: u32): void {
  const seconds = sysctl(queue.family == Family.IPV6 ? Sysctl.FRAG6_TIMEOUT : Sysctl.FRAG4_TIME);
  const age = ageOf(queue.family);
  queue.deadline = now + seconds * HZ;
  queue.older = age.newest;
  queue.newer = 0;
  const at = <u32>changetype<usize>(queue);
  if (age.newest) changetype<Queue>(age.newest).newer = at;
  else age.oldest = at;
  age.newest = at;
}

function detach(queue: Queue): void {
  const age = ageOf(queue.family);
  if (queue.older) changetype<Queue>(queue.older).newer = queue.newer;
  else age.oldest = queue.newer;
  if (queue.newer) changetype<Queue>(queue.newer).older = queue.older;
  else age.newest = queue.older;
}

/** Another zeroed cell for the queue, at the end of its chain; queueFor() has seen to it that there is one. */
export function addCell(queue: Queue): u32 {
  const cell = takeCell();
  store<u32>(queue.lastCell, cell);
  queue.lastCell = cell;
  queue.cells++;
  ageOf(queue.family).cells++;
  return cell;
}

/** Ends a queue and gives all its memory back. */
export function dropQueue(queue: Queue): void {
  const at = <u32>changetype<usize>(queue);
  let link = queue.bucket;
  while (load<u32>(link) != at) link = load<u32>(link) + offsetof<Queue>("hashNext");
  store<u32>(link, queue.hashNext);
  detach(queue);
  const age = ageOf(queue.family);
  if (queue.source && releaseSource(queue.source)) age.cells--;
  age.cells -= queue.cells;
  releaseCells(at, queue.lastCell, queue.cells);
}

/** Empties the queue for a datagram that reuses the id. The largest sizes stay, as they do in Linux. */
export function restartQueue(queue: Queue, now: u32): void {
  const at = <u32>changetype<usize>(queue);
  const spare = queue.cells - 1;
  if (spare) {
    releaseCells(queue.next, queue.lastCell, spare);
    ageOf(queue.family).cells -= spare;
  }
  queue.next = 0;
  queue.lastCell = at;
  queue.cells = 1;
  queue.flags = 0;
  queue.ecn = 0;
  queue.total = 0;
  queue.tail = 0;
  queue.gathered = 0;
  queue.first = 0;
  memory.fill(at + offsetof<Queue>("page0"), 0, PAGES * 4);
  detach(queue);
  append(queue, now);
}

/** Gives up at most `most` queues of a family whose time is over. */
function expireQueues(family: u32, now: u32, most: u32): void {
  const age = ageOf(family);
  while (most-- && age.oldest) {
    const queue = changetype<Queue>(age.oldest);
    if (<i32>(queue.deadline - now) > 0) return;
    dropQueue(queue);
  }
}

/** The same for both families, whether fragments come or not. */
export function expireAllQueues(now: u32, most: u32): void {
  if (ageOf(Family.IPV4).oldest) expireQueues(Family.IPV4, now, most);
  if (ageOf(Family.IPV6).oldest) expireQueues(Family.IPV6, now, most);
}

/** Gives up all queues: the clock has made a step too long to compare deadlines. */
export function dropAllQueues(): void {
  while (ageOf(Family.IPV4).oldest) dropQueue(changetype<Queue>(ageOf(Family.IPV4).oldest));
  while (ageOf(Family.IPV6).oldest) dropQueue(changetype<Queue>(ageOf(Family.IPV6).oldest));
}
