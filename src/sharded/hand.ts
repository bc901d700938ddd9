/** What a deal has for one shard, and gets back from it, in shared memory: assembly/deal.ts tells how. */
import type { Layout } from "../engine/exports.js";
import type { PacketArray } from "../packet-array.js";
import type { BatchMemory } from "./shared-memory.js";

export interface Hand extends PacketArray {
  /** Of each packet, which one of its batch it is. */
  readonly numbers: Uint32Array;
  /** What has become of it, as an engine's row has it: from the lowest byte on ct state, direction, verdict, reason. */
  readonly outcomes: Uint32Array;
}

/** Where the deals of a batch begin, in bytes. */
export function* dealsOf(
  { dealt, dealWords }: BatchMemory,
  layout: Layout,
): Generator<number, void, undefined> {
  for (let deal = 0; deal < dealt; deal += dealWords[(deal + layout.DEAL_SIZE) >>> 2] as number) yield deal;
}

/** `deal`: the byte at which the deal begins. */
export function handOf(memory: BatchMemory, layout: Layout, deal: number, part: number): Hand {
  const { deals, dealWords, dealTimes } = memory;
  const word = (at: number) => dealWords[at >>> 2] as number;
  const hand = deal + layout.DEAL_HANDS + part * layout.HAND_SIZE;
  const count = word(hand + layout.HAND_COUNT);
  const columns = deal + word(hand + layout.HAND_COLUMNS);
  const column = (i: number) => {
    const first = (columns >>> 2) + (2 + i) * count;
    return dealWords.subarray(first, first + count);
  };
  const offsets = column(0);
  return {
    bytes: deals.subarray(deal + word(hand + layout.HAND_PACKETS), deal + word(deal + layout.DEAL_SIZE)),
    count,
    times: dealTimes.subarray(columns >>> 3, (columns >>> 3) + count),
    offsets,
    lengths: column(1),
    numbers: column(2),
    // An offset is read no more once its packet has been tracked.
    outcomes: offsets,
    ...(word(deal + layout.DEAL_CUT) ? { wireLengths: column(3) } : {}),
  };
}
