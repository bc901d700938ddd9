/**
 * Linear memory behind the module's own data, handed out in blocks of 64 KiB. Nothing smaller is ever allocated,
 * and blocks come back only from outgrown index tables, released batches and bulk removal, to be reused.
 */
import { BLOCK } from "./limits";


@unmanaged
class Arena {
  /** First address never handed out. */
  top: u32;
  /** First free run of blocks; each begins with a Run. */
  free: u32;
  freeBlocks: u32;
}


@unmanaged
class Run {
  next: u32;
  blocks: u32;
}

/** The last block stays unused, so that no address computation can wrap. */
const LAST_BLOCK: u64 = 0xffff0000;

const arena = changetype<Arena>(memory.data(offsetof<Arena>(), 8));

/** Reserves consecutive zeroed blocks; 0 when memory cannot grow any further. */
export function reserveBlocks(count: u32): usize {
  return takeBlocks(count, true);
}

/** The same of memory that is there: 0 when it would have to grow. */
export function borrowBlocks(count: u32): usize {
  return takeBlocks(count, false);
}

function takeBlocks(count: u32, grows: bool): usize {
  const used = reuseBlocks(count);
  if (used) return used;
  const start = reachedBytes();
  const end = <u64>start + <u64>count * BLOCK;
  if (end > LAST_BLOCK) return 0;
  if (grows ? !growTo(<u32>end) : end > <u64>memory.size() * BLOCK) return 0;
  arena.top = <u32>end;
  return start;
}

/** Bytes from address 0 on: all that has ever been handed out. */
export function reachedBytes(): u32 {
  if (!arena.top) arena.top = (<u32>__heap_base + BLOCK - 1) & ~(BLOCK - 1);
  return arena.top;
}

/** Makes memory large enough for so many further blocks at once. False when it cannot be. */
export function reserveRoom(count: u32): bool {
  const end = <u64>reachedBytes() + <u64>count * BLOCK;
  return end <= LAST_BLOCK && growTo(<u32>end);
}

/** Growing detaches JavaScript's views and makes V8 collect garbage (5 ms), so it happens in large steps: unused pages cost nothing. */
function growTo(end: u32): bool {
  const have = <u32>memory.size();
  const need = end / BLOCK;
  if (need <= have) return true;
  const step = max(need - have, min(have / 2, 0xffff - have));
  return memory.grow(step) >= 0 || memory.grow(need - have) >= 0;
}

/** Takes blocks from the end of the first free run that is long enough. There are few: see the head of this file. */
function reuseBlocks(count: u32): usize {
  let link = changetype<usize>(arena) + offsetof<Arena>("free");
  for (let address = load<u32>(link); address; address = load<u32>(link)) {
    const run = changetype<Run>(address);
    if (run.blocks >= count) {
      run.blocks -= count;
      arena.freeBlocks -= count;
      if (!run.blocks) store<u32>(link, run.next);
      const start = <usize>address + <usize>run.blocks * BLOCK;
      memory.fill(start, 0, <usize>count * BLOCK);
      return start;
    }
    link = <usize>address + offsetof<Run>("next");
  }
  return 0;
}

/** Free runs are kept in the order of their addresses, so that neighbours can be joined. */
export function releaseBlocks(start: usize, count: u32): void {
  arena.freeBlocks += count;
  let before: u32 = 0;
  let after = arena.free;
  while (after && after < <u32>start) {
    before = after;
    after = changetype<Run>(after).next;
  }
  const run = changetype<Run>(start);
  run.next = after;
  run.blocks = count;
  if (before) {
    changetype<Run>(before).next = <u32>start;
    join(before);
    // Joined or not, the run that ends behind `start` may touch the next one.
    join(before + changetype<Run>(before).blocks * BLOCK > <u32>start ? before : <u32>start);
  } else {
    arena.free = <u32>start;
    join(<u32>start);
  }
}

/** Makes one of a run and the next when nothing lies between them. */
function join(address: u32): void {
  const run = changetype<Run>(address);
  if (!run.next || address + run.blocks * BLOCK != run.next) return;
  const next = changetype<Run>(run.next);
  run.blocks += next.blocks;
  run.next = next.next;
}

/** Bytes in use: everything handed out and not given back. */
export function bytesInUse(): f64 {
  return <f64>(arena.top - arena.freeBlocks * BLOCK);
}
