/**
 * The index: from a tuple's hash to the flow, open-addressed in chunks of one cache line (index-chunk.ts).
 *
 * A lookup compares the twelve tags with one instruction and follows the probe sequence only while the overflow
 * counter says that something went on; no tombstones. A flow has one entry under its direction-independent hash,
 * and a second one where NAT or zones make the reply tuple hash differently.
 *
 * The table doubles at load 0.8. Entries move a chunk at a time, one chunk for each insertion, and lookups consult
 * both tables meanwhile: no packet waits for a rebuild.
 */
import { releaseBlocks, reserveBlocks } from "./arena";
import { noteEmptyTable } from "./clock";
import {
  CHUNK,
  chunkAt,
  ENTRIES,
  entriesIn,
  ENTRY_BITS,
  FIRST_ENTRY,
  flowOfEntry,
  HASH_BITS,
  hashBitsOf,
  matchTags,
  OVERFLOW,
  probeStep,
  REPLY_ENTRY,
  tagOf,
  touch,
  unprobe,
} from "./index-chunk";
import { Flow, Packet } from "./layout";
import { BLOCK, FIRST_INDEX_CHUNKS } from "./limits";
import { Direction } from "./shared/ct-state";
import { matchDirection, matchInZones, NO_MATCH } from "./tuple";
import { keepTouched } from "./touched";
import { hashFlow } from "./tuple-hash";


@unmanaged
class Index {
  chunks: u32;
  /** Number of chunks less one. */
  mask: u32;
  entries: u32;
  /** Entries at which the table doubles. */
  limit: u32;
  /** The table being left, 0 when none, and its next chunk to move. */
  oldChunks: u32;
  oldMask: u32;
  oldNext: u32;
  /** Direction of the packet's tuple in the flow last found. */
  foundDirection: i32;
}

const index = changetype<Index>(memory.data(offsetof<Index>(), 16));

export function createIndex(): bool {
  noteEmptyTable();
  const chunks = reserveBlocks((FIRST_INDEX_CHUNKS * CHUNK) / BLOCK);
  if (!chunks) return false;
  index.chunks = <u32>chunks;
  index.mask = FIRST_INDEX_CHUNKS - 1;
  index.limit = loadLimit(FIRST_INDEX_CHUNKS);
  return true;
}

/** Makes room for so many entries at once, while there are none. */
export function reserveEntries(entries: u32): void {
  let size = index.mask + 1;
  while (loadLimit(size) < entries && size < 1 << 26) size <<= 1;
  if (index.entries || index.oldChunks || size == index.mask + 1) return;
  const chunks = reserveBlocks((size * CHUNK) / BLOCK);
  if (!chunks) return;
  releaseBlocks(index.chunks, ((index.mask + 1) * CHUNK) / BLOCK);
  index.chunks = <u32>chunks;
  index.mask = size - 1;
  index.limit = loadLimit(size);
}

function loadLimit(chunks: u32): u32 {
  return <u32>((<u64>chunks * ENTRIES * 4) / 5);
}

/** Brings the chunk in which a search for the hash begins into the cache. */
// @ts-ignore: decorator
@inline
export function touchChunk(hash: u64): void {
  touch(chunkAt(index.chunks, (<u32>hash) & index.mask));
}

/**
 * The first entry whose hash bits agree, unverified, in the chunk where the search begins or in the next one: when the
 * table is about to double, four of a hundred entries lie there, and less than one further on. 0 for none.
 */
// @ts-ignore: decorator
@inline
export function candidateFor(hash: u64): u32 {
  const tag = tagOf(hash);
  const bits = hashBitsOf(hash);
  const home = (<u32>hash) & index.mask;
  const chunk = chunkAt(index.chunks, home);
  const flow = candidateIn(chunk, tag, bits);
  if (flow || !load<u8>(chunk, OVERFLOW)) return flow;
  return candidateIn(chunkAt(index.chunks, (home + probeStep(tag)) & index.mask), tag, bits);
}

// @ts-ignore: decorator
@inline
function candidateIn(chunk: usize, tag: u32, bits: u32): u32 {
  let matches = matchTags(chunk, tag);
  while (matches) {
    const entry = load<u32>(chunk + ((<usize>ctz(matches)) << 2), FIRST_ENTRY);
    if (((entry ^ bits) & HASH_BITS) == 0) return entry & ~ENTRY_BITS;
    matches &= matches - 1;
  }
  return 0;
}

/** The flow that has the packet's tuple in either direction. See foundDirection(). */
// @ts-ignore: decorator
@inline
export function findFlow(hash: u64, packet: Packet): Flow | null {
  const flow = findIn(index.chunks, index.mask, hash, packet, false);
  if (flow || !index.oldChunks) return flow;
  return findIn(index.oldChunks, index.oldMask, hash, packet, false);
}

/** The same for a packet whose zone counts for one direction only: `hash` is that of one of its two zones. */
export function findFlowInZones(hash: u64, packet: Packet): Flow | null {
  const flow = findIn(index.chunks, index.mask, hash, packet, true);
  if (flow || !index.oldChunks) return flow;
  return findIn(index.oldChunks, index.oldMask, hash, packet, true);
}

/** Direction of the packet in the flow that findFlow() returned last. */
// @ts-ignore: decorator
@inline
export function foundDirection(): u32 {
  return <u32>index.foundDirection;
}

/**
 * Where zones count for one direction only, two flows may have the tuple. Linux finds the newer one: entries are placed one
 * behind the other, as long as none before them has gone.
 */
function findIn(chunks: u32, mask: u32, hash: u64, packet: Packet, inZones: bool): Flow | null {
  let newest: Flow | null = null;
  const tag = tagOf(hash);
  const bits = hashBitsOf(hash);
  let i = (<u32>hash) & mask;
  for (let probes: u32 = 0; probes <= mask; probes++) {
    const chunk = chunkAt(chunks, i);
    let matches = matchTags(chunk, tag);
    while (matches) {
      const entry = load<u32>(chunk + ((<usize>ctz(matches)) << 2), FIRST_ENTRY);
      if (((entry ^ bits) & HASH_BITS) == 0) {
        const flow = changetype<Flow>(entry & ~ENTRY_BITS);
        const direction = inZones ? matchInZones(flow, packet) : matchDirection(flow, packet);
        if (direction != NO_MATCH) {
          index.foundDirection = direction;
          if (!inZones) return flow;
          newest = flow;
        }
      }
      matches &= matches - 1;
    }
    if (!load<u8>(chunk, OVERFLOW)) return newest;
    i = (i + probeStep(tag)) & mask;
  }
  return newest;
}

/** Enters a flow under one direction's hash. False when the table could not grow and is full. */
export function insertEntry(flow: Flow, direction: u32, hash: u64): bool {
  if (index.oldChunks) moveChunk();
  if (index.entries >= index.limit && !beginGrowth() && index.entries >= (index.mask + 1) * ENTRIES - 1) {
    return false;
  }
  index.entries++;
  place((<u32>changetype<usize>(flow)) | (direction == Direction.REPLY ? REPLY_ENTRY : 0), hash);
  return true;
}

function place(flowAndDirection: u32, hash: u64): void {
  const tag = tagOf(hash);
  let i = (<u32>hash) & index.mask;
  for (;;) {
    const chunk = chunkAt(index.chunks, i);
    const free = matchTags(chunk, 0);
    if (free) {
      const slot = <usize>ctz(free);
      store<u8>(chunk + slot, <u8>tag);
      store<u32>(chunk + (slot << 2), flowAndDirection | hashBitsOf(hash), FIRST_ENTRY);
      return;
    }
    const overflow = <u32>load<u8>(chunk, OVERFLOW);
    if (overflow < 255) store<u8>(chunk, <u8>(overflow + 1), OVERFLOW);
    i = (i + probeStep(tag)) & index.mask;
  }
}

export function removeEntry(flow: Flow, direction: u32, hash: u64): void {
  const wanted =
    (<u32>changetype<usize>(flow)) | (direction == Direction.REPLY ? REPLY_ENTRY : 0) | hashBitsOf(hash);
  index.entries--;
  if (removeFrom(index.chunks, index.mask, wanted, hash)) return;
  if (index.oldChunks) removeFrom(index.oldChunks, index.oldMask, wanted, hash);
}

function removeFrom(chunks: u32, mask: u32, wanted: u32, hash: u64): bool {
  const tag = tagOf(hash);
  const home = (<u32>hash) & mask;
  let i = home;
  for (let probes: u32 = 0; probes <= mask; probes++) {
    const chunk = chunkAt(chunks, i);
    let matches = matchTags(chunk, tag);
    while (matches) {
      const slot = <usize>ctz(matches);
      if (load<u32>(chunk + (slot << 2), FIRST_ENTRY) == wanted) {
        store<u8>(chunk + slot, 0);
        unprobe(chunks, mask, home, i, tag);
        return true;
      }
      matches &= matches - 1;
    }
    if (!load<u8>(chunk, OVERFLOW)) return false;
    i = (i + probeStep(tag)) & mask;
  }
  return false;
}

/** The hash under which an entry stands, from its flow. */
// @ts-ignore: decorator
@inline
function hashOfEntry(entry: u32): u64 {
  const direction: u32 = entry & REPLY_ENTRY ? Direction.REPLY : Direction.ORIGINAL;
  return hashFlow(changetype<Flow>(entry & ~ENTRY_BITS), direction);
}

/** Removes the entries of all flows whose bits are set (bulk-removal.ts), from one end of the table to the other. */
export function removeMarked(marks: usize): void {
  removeMarkedFrom(index.chunks, index.mask, marks);
  if (index.oldChunks) removeMarkedFrom(index.oldChunks, index.oldMask, marks);
}

function removeMarkedFrom(chunks: u32, mask: u32, marks: usize): void {
  for (let i: u32 = 0; i <= mask; i++) {
    const chunk = chunkAt(chunks, i);
    for (let used = entriesIn(chunk); used; used &= used - 1) {
      const slot = <usize>ctz(used);
      const entry = load<u32>(chunk + (slot << 2), FIRST_ENTRY);
      if (!((load<u32>(marks + ((entry >>> 10) << 2)) >>> (entry >>> 5)) & 1)) continue;
      const tag = <u32>load<u8>(chunk + slot);
      store<u8>(chunk + slot, 0);
      index.entries--;
      // Nearly all lie where their search begins: where nothing has probed past the chunk one step before, this one has not.
      if (!load<u8>(chunkAt(chunks, (i - probeStep(tag)) & mask), OVERFLOW)) continue;
      unprobe(chunks, mask, (<u32>hashOfEntry(entry)) & mask, i, tag);
    }
  }
}

/** Starts to move into a table of twice the size. False while an earlier move is not done or memory is out. */
function beginGrowth(): bool {
  while (index.oldChunks) moveChunk();
  const size = (index.mask + 1) << 1;
  if (size > 1 << 26) return false;
  const chunks = reserveBlocks((size * CHUNK) / BLOCK);
  if (!chunks) return false;
  index.oldChunks = index.chunks;
  index.oldMask = index.mask;
  index.oldNext = 0;
  index.chunks = <u32>chunks;
  index.mask = size - 1;
  index.limit = loadLimit(size);
  return true;
}

/** Of the entries that are being moved. */
const hashes: usize = memory.data(ENTRIES * 8, 8);

/** Moves the entries of one chunk of the old table. Their hashes come from the flows themselves, for which they do not wait in turn. */
function moveChunk(): void {
  const from = index.oldNext;
  const chunk = chunkAt(index.oldChunks, from);
  const entries = entriesIn(chunk);
  let touched: u32 = 0;
  for (let left = entries; left; left &= left - 1) touched ^= load<u32>(flowOfEntry(chunk, ctz(left)));
  keepTouched(touched);
  for (let left = entries; left; left &= left - 1) {
    const slot = ctz(left);
    const hash = hashOfEntry(load<u32>(chunk + ((<usize>slot) << 2), FIRST_ENTRY));
    store<u64>(hashes + ((<usize>slot) << 3), hash);
    touchChunk(hash);
  }
  for (let left = entries; left; left &= left - 1) {
    const slot = <usize>ctz(left);
    const hash = load<u64>(hashes + (slot << 3));
    unprobe(index.oldChunks, index.oldMask, (<u32>hash) & index.oldMask, from, load<u8>(chunk + slot));
    store<u8>(chunk + slot, 0);
    place(load<u32>(chunk + (slot << 2), FIRST_ENTRY) & ~HASH_BITS, hash);
  }
  index.oldNext = from + 1;
  if (index.oldNext <= index.oldMask) return;
  releaseBlocks(index.oldChunks, ((index.oldMask + 1) * CHUNK) / BLOCK);
  index.oldChunks = 0;
}

/**
 * Early drop searches hash buckets, of which Linux has nf_conntrack_buckets with two nodes a flow; here a bucket is
 * what shares the lower bits of the hash. `buckets` is a power of two.
 */
// @ts-ignore: decorator
@inline
export function bucketOf(hash: u64, buckets: u32): u32 {
  return (<u32>hash) & (buckets - 1);
}

/** Chunks in which a bucket's flows lie, in both tables while one is being left. Displaced entries are not looked for. */
export function chunksOfBucket(buckets: u32): u32 {
  return chunksIn(index.mask, buckets) + (index.oldChunks ? chunksIn(index.oldMask, buckets) : 0);
}

// @ts-ignore: decorator
@inline
function chunksIn(mask: u32, buckets: u32): u32 {
  return max<u32>((mask + 1) / buckets, 1);
}

/** Address of the n-th of those chunks. */
export function chunkOfBucket(bucket: u32, buckets: u32, n: u32): usize {
  const here = chunksIn(index.mask, buckets);
  if (n < here) return chunkAt(index.chunks, (bucket + n * buckets) & index.mask);
  return chunkAt(index.oldChunks, (bucket + (n - here) * buckets) & index.oldMask);
}

/** Whether an entry belongs to a bucket: a chunk has those of several, and displaced ones. */
export function isInBucket(chunk: usize, i: u32, bucket: u32, buckets: u32): bool {
  return bucketOf(hashOfEntry(load<u32>(chunk + ((<usize>i) << 2), FIRST_ENTRY)), buckets) == bucket;
}

/** Address of the first chunk and number of chunks less one, for tests that look at the index itself. */
export function indexChunks(): u32 {
  return index.chunks;
}

export function indexMask(): u32 {
  return index.mask;
}

/** Bytes that the index occupies, both tables while one is being left. */
export function indexBytes(): f64 {
  return <f64>CHUNK * (index.mask + 1 + (index.oldChunks ? index.oldMask + 1 : 0));
}

/** Entries found by walking every chunk; a check for tests. -1 when a counter or an entry contradicts itself. */
export function countEntries(): i32 {
  let found = countIn(index.chunks, index.mask);
  if (index.oldChunks) found += countIn(index.oldChunks, index.oldMask);
  return <u32>found == index.entries ? found : -1;
}

function countIn(chunks: u32, mask: u32): i32 {
  let found = 0;
  for (let i: u32 = 0; i <= mask; i++) {
    for (let slot: usize = 0; slot < ENTRIES; slot++) {
      if (load<u8>(chunkAt(chunks, i) + slot)) found++;
    }
  }
  return found;
}
