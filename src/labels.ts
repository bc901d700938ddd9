/** Labels, 128 bits of a flow, as a list of the numbers of those that are set. */
import { ConntrackError } from "./errors.js";

export const LABELS = 128;

/** `words`: linear memory; `at`: address of the four words. */
export function readLabels(words: Uint32Array, at: number): readonly number[] {
  const found: number[] = [];
  for (let label = 0; label < LABELS; label++) {
    if (((words[(at >>> 2) + (label >>> 5)] ?? 0) >>> (label & 31)) & 1) found.push(label);
  }
  return found;
}

/**
 * Writes the labels as 16 bytes.
 * @throws ConntrackError CT_BAD_OPTION for what is no number from 0 to 127
 */
export function writeLabels(view: DataView, at: number, labels: readonly number[]): void {
  for (let i = 0; i < LABELS / 8; i++) view.setUint8(at + i, 0);
  for (const label of labels) {
    if (!Number.isInteger(label) || label < 0 || label >= LABELS) {
      throw new ConntrackError(
        "CT_BAD_OPTION",
        `labels: expected whole numbers from 0 to ${LABELS - 1}, got ${label}`,
      );
    }
    const byte = at + (label >>> 3);
    view.setUint8(byte, view.getUint8(byte) | (1 << (label & 7)));
  }
}
