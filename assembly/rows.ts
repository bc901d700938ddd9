/**
 * Small pieces of memory for what rules remember: rows in steps of 32 bytes up to 2 KiB. Blocks are cut into rows of
 * one size, and rows that come back are used again for the same size, newest first.
 */
import { reserveBlocks } from "./arena";
import { BLOCK } from "./limits";

const STEP: u32 = 32;
export const LONGEST_ROW: u32 = 2048;

/** Free rows of each size, linked through their first word. */
const freeRows: usize = memory.data((LONGEST_ROW / STEP + 1) * 4, 4);

// @ts-ignore: decorator
@inline
function listOf(bytes: u32): usize {
  return freeRows + (((bytes + STEP - 1) / STEP) << 2);
}

/** A zeroed row of at least so many bytes, at most LONGEST_ROW; 0 when memory is out. */
export function takeRow(bytes: u32): u32 {
  const list = listOf(bytes);
  if (!load<u32>(list) && !cutBlock(list, (bytes + STEP - 1) & ~(STEP - 1))) return 0;
  const row = load<u32>(list);
  store<u32>(list, load<u32>(row));
  memory.fill(row, 0, bytes);
  return row;
}

/** `bytes`: what the row was taken for. */
export function giveBackRow(row: u32, bytes: u32): void {
  const list = listOf(bytes);
  store<u32>(row, load<u32>(list));
  store<u32>(list, row);
}

function cutBlock(list: usize, size: u32): bool {
  const block = <u32>reserveBlocks(1);
  if (!block) return false;
  for (let row = block + (BLOCK / size - 1) * size; row >= block; row -= size) {
    store<u32>(row, load<u32>(list));
    store<u32>(list, row);
  }
  return true;
}
