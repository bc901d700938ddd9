/**
 * Room in a full table. Linux looks at the new tuple's hash bucket and up to seven after it, and evicts all
 * unassured flows of the first bucket that has any, whatever their age.
 */
import { now } from "./clock";
import { isExpired } from "./flow";
import { bucketOf, chunkOfBucket, chunksOfBucket, isInBucket } from "./flow-table";
import { entriesIn, flowOfEntry } from "./index-chunk";
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
  const first = bucketOf(hash, buckets);
  const range = min(EARLY_DROP_BUCKETS, buckets);
  for (let i: u32 = 0; i < range; i++) {
    const dropped = dropFromBucket((first + i) & (buckets - 1), buckets);
    if (dropped) {
      countMany(Stat.EARLY_DROP, dropped);
      return true;
    }
  }
  return false;
}

/** Evicts what may go; how many of them were not over anyway. */
function dropFromBucket(bucket: u32, buckets: u32): u32 {
  let dropped: u32 = 0;
  const chunks = chunksOfBucket(buckets);
  for (let n: u32 = 0; n < chunks; n++) {
    const chunk = chunkOfBucket(bucket, buckets, n);
    let entries = entriesIn(chunk);
    while (entries) {
      const i = <u32>ctz(entries);
      entries &= entries - 1;
      const flow = changetype<Flow>(flowOfEntry(chunk, i));
      const over = isExpired(flow, now());
      // In a table that stays full nearly all are assured: hashing them to learn their buckets would cost most.
      if (!over && flow.status & Status.ASSURED) continue;
      if (!isInBucket(chunk, i, bucket, buckets)) continue;
      destroyFlow(flow);
      // Others may have gone with it.
      entries &= entriesIn(chunk);
      if (!over) dropped++;
    }
  }
  return dropped;
}

/** The largest power of two that is not more than n; 1 for 0. */
function powerOfTwo(n: u32): u32 {
  return n ? 1 << (31 - clz(n)) : 1;
}
