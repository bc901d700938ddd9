/**
 * Room in a full table. Linux looks at the new tuple's hash bucket and up to seven after it, and evicts all
 * unassured flows of the first bucket that has any; here a chunk stands for a bucket.
 */
import { now } from "./clock";
import { isExpired } from "./flow";
import { CHUNK_ENTRIES, neighbour } from "./flow-table";
import { Flow } from "./layout";
import { destroyFlow } from "./lifecycle";
import { EARLY_DROP_BUCKETS } from "./limits";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { countMany } from "./stats";

/** True when at least one flow was evicted. */
export function earlyDrop(hash: u64): bool {
  for (let offset: u32 = 0; offset < EARLY_DROP_BUCKETS; offset++) {
    let dropped: u32 = 0;
    for (let slot: u32 = 0; slot < CHUNK_ENTRIES; slot++) {
      const address = neighbour(hash, offset, slot);
      if (!address) continue;
      const flow = changetype<Flow>(address);
      if (isExpired(flow, now())) {
        destroyFlow(flow);
      } else if (!(flow.status & Status.ASSURED)) {
        destroyFlow(flow);
        dropped++;
      }
    }
    if (dropped) {
      countMany(Stat.EARLY_DROP, dropped);
      return true;
    }
  }
  return false;
}
