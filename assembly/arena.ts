/**
 * Linear memory behind the module's own data, handed out in blocks of 64 KiB. Nothing smaller is ever allocated,
 * and blocks come back only from outgrown index tables and released batches, to be reused one by one.
 */
import { BLOCK } from "./limits";


@unmanaged
class Arena {
  /** First address never handed out. */
  top: u32;
  /** Free blocks, linked through their first word. */
  free: u32;
  freeCount: u32;
}

const arena = changetype<Arena>(memory.data(offsetof<Arena>(), 8));

/** Reserves consecutive zeroed blocks; 0 when memory cannot grow any further. */
export function reserveBlocks(count: u32): usize {
  if (count == 1 && arena.free) return reuseBlock();
  if (!arena.top) arena.top = (<u32>__heap_base + BLOCK - 1) & ~(BLOCK - 1);
  const start = arena.top;
  const end = <u64>start + <u64>count * BLOCK;
  // The last block stays unused, so that no address computation can wrap.
  if (end > 0xffff0000) return 0;
  if (!growTo(<u32>end)) return 0;
  arena.top = <u32>end;
  return start;
}

/** Growing detaches JavaScript's views, so it happens in steps of an eighth. */
function growTo(end: u32): bool {
  const have = <u32>memory.size();
  const need = end / BLOCK;
  if (need <= have) return true;
  const step = max(need - have, min(have / 8, 0xffff - have));
  return memory.grow(step) >= 0 || memory.grow(need - have) >= 0;
}

function reuseBlock(): usize {
  const block = arena.free;
  arena.free = load<u32>(block);
  arena.freeCount--;
  memory.fill(block, 0, BLOCK);
  return block;
}

export function releaseBlocks(start: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const block = <u32>start + i * BLOCK;
    store<u32>(block, arena.free);
    arena.free = block;
  }
  arena.freeCount += count;
}

/** Bytes in use: everything handed out and not given back. */
export function bytesInUse(): f64 {
  return <f64>(arena.top - arena.freeCount * BLOCK);
}
