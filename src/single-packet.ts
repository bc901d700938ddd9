/** One packet at a time, in a batch of one. */
import type { Batch } from "./batch.js";

/** Longer packets are handled as if a capture had cut them here: nothing behind is ever looked at. */
const LONGEST_PACKET = 262144;
/** Bytes of the batch. */
export const SINGLE_BYTES: number = LONGEST_PACKET + 8;

/** Puts the packet into the batch, in the place of the last one. Returns what was taken of it. */
export function pushSingle(
  batch: Batch,
  packet: Uint8Array,
  { time, wireLength = packet.length }: { readonly time: number; readonly wireLength?: number },
): Uint8Array {
  batch.clear();
  const readable = packet.length <= LONGEST_PACKET ? packet : packet.subarray(0, LONGEST_PACKET);
  batch.push(readable, time, wireLength);
  return readable;
}
