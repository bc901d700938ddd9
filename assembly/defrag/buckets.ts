/** Heads of the hash chains of queues and of sources: one block, reserved with the first fragment. */
import { reserveBlocks } from "../arena";
import { BLOCK } from "../limits";

const EACH: u32 = BLOCK / 8;
const block: usize = memory.data(4, 4);

/** False when memory is out. */
export function ensureBuckets(): bool {
  if (!load<u32>(block)) store<u32>(block, <u32>reserveBlocks(1));
  return load<u32>(block) != 0;
}

/** Addresses of the heads for a hash. */
export function queueBucket(hash: u64): u32 {
  return load<u32>(block) + ((<u32>hash % EACH) << 2);
}

export function sourceBucket(hash: u64): u32 {
  return load<u32>(block) + ((<u32>hash % EACH) << 2) + BLOCK / 2;
}
