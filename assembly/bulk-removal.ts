/**
 * The end of many flows at once. To take a flow out of the index its tuple is hashed, and a chunk somewhere in memory comes to
 * the cache for it; where many flows end, their entries are left where they are, and at last the index is read once from
 * one end to the other. What tells then which entries go is a bit for each 32 bytes of memory: dense enough for the cache,
 * unlike the flows themselves.
 *
 * No flow may be looked for in between, but those of GRE: the end of a control connection does (endGreCall()).
 */
import { borrowBlocks, reachedBytes, releaseBlocks } from "./arena";
import { indexMask, removeMarked } from "./flow-table";
import { Flow } from "./layout";
import { destroyFlow, destroyUnindexed } from "./lifecycle";
import { BLOCK } from "./limits";
import { Protocol } from "./shared/protocol";


@unmanaged
class Marks {
  start: u32;
  blocks: u32;
}

const marks = changetype<Marks>(memory.data(offsetof<Marks>(), 8));

/**
 * Whether so many flows cost more one by one than reading the index does. (Twenty nanoseconds a flow against six a chunk
 * and one or two an entry.)
 */
// @ts-ignore: decorator
@inline
export function isBulk(flows: u32): bool {
  return flows > indexMask() >>> 2;
}

/** False when there is no memory for the bits: flows must end one by one. */
export function beginBulkRemoval(): bool {
  marks.blocks = reachedBytes() / (32 * 8 * BLOCK) + 1;
  marks.start = <u32>borrowBlocks(marks.blocks);
  return marks.start != 0;
}

/** Ends a flow of the table, tells of it and frees its place. */
// @ts-ignore: decorator
@inline
export function destroyInBulk(flow: Flow): void {
  if (flow.protocol == Protocol.GRE) return destroyFlow(flow);
  const address = <u32>changetype<usize>(flow);
  const word = <usize>marks.start + ((address >>> 10) << 2);
  store<u32>(word, load<u32>(word) | (1 << (address >>> 5)));
  destroyUnindexed(flow);
}

export function finishBulkRemoval(): void {
  removeMarked(marks.start);
  releaseBlocks(marks.start, marks.blocks);
}
