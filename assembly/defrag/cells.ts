/**
 * The memory of reassembly: cells of one size, taken from blocks of the arena and used over and over. Whatever a
 * datagram in the making needs is a chain of cells, so giving it all back takes no time.
 */
import { reserveBlocks } from "../arena";
import { BLOCK } from "../limits";

/** Bytes of a cell, and those of them that are content: what comes before is a link and three words. */
export const CELL: u32 = 272;
export const CELL_HEADER: u32 = 16;
export const CELL_CONTENT: u32 = CELL - CELL_HEADER;


@unmanaged
class Pool {
  /** Free cells, linked through their first word. */
  free: u32;
  freeCount: u32;
}

const pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));

/** Makes sure that `count` cells can be taken; false when memory is out. */
export function ensureCells(count: u32): bool {
  while (pool.freeCount < count) if (!addBlock()) return false;
  return true;
}

function addBlock(): bool {
  const block = <u32>reserveBlocks(1);
  if (!block) return false;
  for (let cell = block; cell + CELL <= block + BLOCK; cell += CELL) releaseCells(cell, cell, 1);
  return true;
}

/** A zeroed cell; ensureCells() has said that there is one. */
export function takeCell(): u32 {
  const cell = pool.free;
  pool.free = load<u32>(cell);
  pool.freeCount--;
  memory.fill(cell, 0, CELL);
  return cell;
}

/** Takes back a chain of `count` cells. */
export function releaseCells(first: u32, last: u32, count: u32): void {
  store<u32>(last, pool.free);
  pool.free = first;
  pool.freeCount += count;
}
