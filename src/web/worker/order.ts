/** Sorting a million rows in moments: by radix, over words, least significant first. */
import type { Turn } from "./turn.js";

/** Sorts keep the order of what is equal, so keys of several words are sorted word by word. */
export type Words = readonly Uint32Array[];

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** Row numbers in the order of their keys; `words`: of each row, the least significant ones first. */
export async function orderOf(
  rows: number,
  words: Words,
  turn: Turn,
  signal: AbortSignal,
): Promise<Uint32Array> {
  let order = Uint32Array.from({ length: rows }, (_, i) => i);
  let spare = new Uint32Array(rows);
  const starts = new Uint32Array(DIGITS + 1);
  for (const word of words) {
    for (const shift of [0, DIGIT_BITS]) {
      if (!countDigits(word, shift, starts)) continue;
      for (const row of order) {
        const digit = (word[row]! >>> shift) & (DIGITS - 1);
        spare[starts[digit]!++] = row;
      }
      [order, spare] = [spare, order];
      await turn.pass(signal);
    }
  }
  return order;
}

/** Where the rows of each digit begin; false when all rows have the same one. */
function countDigits(word: Uint32Array, shift: number, starts: Uint32Array): boolean {
  starts.fill(0);
  for (const value of word) starts[((value >>> shift) & (DIGITS - 1)) + 1]!++;
  if (starts.includes(word.length)) return false;
  for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!;
  return true;
}
