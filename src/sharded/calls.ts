/** What the main thread asks of its workers, by name. Arguments and answers are data that can be sent. */
import type { FlowFilter } from "../flow-filter.js";
import type { FlowChanges } from "../flow-update.js";
import type { Insertion } from "../insertion.js";
import type { BatchPlace, Shard } from "./shard.js";

interface When {
  readonly time?: number;
}

export const CALLS = {
  openBatch: (shard: Shard, place: BatchPlace) => shard.openBatch(place),
  closeBatch: (shard: Shard, number: number) => shard.closeBatch(number),
  openWalk: (shard: Shard, number: number, filter: FlowFilter) => shard.openWalk(number, filter),
  walk: (shard: Shard, number: number) => shard.walk(number),
  closeWalk: (shard: Shard, number: number) => shard.closeWalk(number),
  insert: (shard: Shard, part: number, flow: Insertion) => shard.insert(part, flow),
  drainEvents: (shard: Shard) => shard.drainEvents(),
  takeHelperFailures: (shard: Shard) => shard.takeHelperFailures(),
  addHelper: ({ conntrack }: Shard, helper: Parameters<typeof conntrack.addHelper>[0]) =>
    conntrack.addHelper(helper),
  countByState: ({ conntrack }: Shard, filter: FlowFilter) => conntrack.countByState(filter),
  delete: ({ conntrack }: Shard, filter: FlowFilter) => conntrack.delete(filter),
  drainLog: ({ conntrack }: Shard) => conntrack.drainLog(),
  expectations: ({ conntrack }: Shard) => conntrack.expectations(),
  expire: ({ conntrack }: Shard, time: number) => conntrack.expire({ time }),
  flush: ({ conntrack }: Shard) => conntrack.flush(),
  flushExpectations: ({ conntrack }: Shard) => conntrack.flushExpectations(),
  memory: ({ conntrack }: Shard) => conntrack.memory(),
  procNetIpConntrack: ({ conntrack }: Shard, when: When) => conntrack.procNetIpConntrack(when),
  procNetNfConntrack: ({ conntrack }: Shard, when: When) => conntrack.procNetNfConntrack(when),
  procNetNfConntrackExpect: ({ conntrack }: Shard, when: When) => conntrack.procNetNfConntrackExpect(when),
  setSysctl: ({ conntrack }: Shard, name: string, value: number) => conntrack.setSysctl(name, value),
  stats: ({ conntrack }: Shard) => conntrack.stats(),
  takeLostEvents: ({ conntrack }: Shard) => conntrack.takeLostEvents(),
  takeLostLogEntries: ({ conntrack }: Shard) => conntrack.takeLostLogEntries(),
  update: ({ conntrack }: Shard, filter: FlowFilter, changes: FlowChanges) =>
    conntrack.update(filter, changes),
} as const;

type Calls = typeof CALLS;
export type CallName = keyof Calls;
export type CallArguments<Name extends CallName> =
  Parameters<Calls[Name]> extends [Shard, ...infer Rest] ? Rest : never;
export type CallResult<Name extends CallName> = ReturnType<Calls[Name]>;
