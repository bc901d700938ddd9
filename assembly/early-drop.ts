/**
 * Room in a full table. Linux looks at the new tuple's hash bucket and up to seven after it, and evicts all
 * unassured flows of the first bucket that has any, whatever their age.
 */
import { now } from "./clock";
import { isExpired } from "./flow";
import { bucketOf, flowInBucket, placesInBucket } from "./flow-table";
import { Flow } from "./layout";
import { destroyFlow } from "./lifecycle";
import { EARLY_DROP_BUCKETS } from "./limits";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { Sysctl } from "./shared/sysctl";
import { countMany } from "./stats";
import { sysctl } from "./sysctl";

/** True when at least one flow was evicted. */
export function earlyDrop(hash: u64): bool {
  // Linux hashes both tuples of a flow, so half as many buckets with one entry a flow are as crowded.
  const buckets = powerOfTwo(sysctl(Sysctl.BUCKETS) >>> 1);
  const places = placesInBucket(buckets);
  const first = bucketOf(hash, buckets);
  for (let i: u32 = 0; i < EARLY_DROP_BUCKETS; i++) {
    const bucket = (first + i) & (buckets - 1);
    let dropped: u32 = 0;
    for (let place: u32 = 0; place < places; place++) {
      const address = flowInBucket(bucket, buckets, place);
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

/** The largest power of two that is not more than n; 1 for 0. */
function powerOfTwo(n: u32): u32 {
  return n ? 1 << (31 - clz(n)) : 1;
}
