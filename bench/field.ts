import type { Contestant, ContestantName } from "./contestant.js";
import { MS_PER_PACKET, RING_SLOTS, type Ring } from "./ring.js";
import { FramePool, OPENING_STEPS } from "./workload.js";

/** More flow objects than this need more heap than a process gets by default. */
const JS_MOST_FLOWS = 1_000_000;

/**
 * Makes one contestant for so many flows, `spare` more to come, ours with room for so many events; undefined when it does not
 * take part.
 */
export async function createContestant(
  name: ContestantName,
  flows: number,
  spare = 0,
  events?: number,
): Promise<Contestant | undefined> {
  // Loaded when needed: each brings its own machinery along.
  if (name === "ours") return (await import("./ours.js")).Ours.create(flows + spare, { events });
  if (name === "floor") return (await import("./floor/floor.js")).Floor.create(flows);
  if (flows > JS_MOST_FLOWS) return undefined;
  const { JsTracker } = await import("./baseline/contestant.js");
  if (name === "jsMap")
    return new JsTracker(name, new (await import("./baseline/tuple-table.js")).TupleTable());
  if (name === "jsHash")
    return new JsTracker(name, new (await import("./baseline/hash-table.js")).HashTable());
  throw new Error(`${name} takes part in nat only`);
}

export async function createField(
  names: readonly ContestantName[],
  flows: number,
  spare = 0,
  events?: number,
): Promise<Contestant[]> {
  const field: Contestant[] = [];
  for (const name of names) {
    const contestant = await createContestant(name, flows, spare, events);
    if (contestant !== undefined) field.push(contestant);
  }
  return field;
}

/** Fails unless as many packets came out ESTABLISHED as must. */
export function expectEstablished(contestant: Contestant, established: number, expected: number): void {
  if (!contestant.judges || established === expected) return;
  throw new Error(`${contestant.name}: ${established} packets ESTABLISHED, not ${expected}`);
}

const OPENED_TOGETHER = 64;

/** Opens flows 0 to `flows` - 1 from `time` on; the time when the last one is open. */
export function openFlows(
  field: readonly Contestant[],
  ring: Ring,
  flows: number,
  time: number,
  outside?: FramePool["outside"],
): number {
  const pool = new FramePool(OPENED_TOGETHER * OPENING_STEPS, outside);
  const judging = field.filter((contestant) => contestant.judges);
  for (let first = 0; first < flows; first += OPENED_TOGETHER) {
    const connections = Math.min(OPENED_TOGETHER, flows - first);
    const packets = connections * OPENING_STEPS;
    pool.fillWithConnections(first, connections, OPENING_STEPS, OPENED_TOGETHER);
    ring.load(pool, 0, packets, time);
    time += packets * MS_PER_PACKET;
    for (const contestant of judging) {
      expectEstablished(contestant, contestant.trackBatch(ring), packets - connections);
    }
  }
  for (const contestant of judging) {
    if (contestant.flowCount() !== flows) {
      throw new Error(`${contestant.name}: ${contestant.flowCount()} flows open, not ${flows}`);
    }
  }
  return time;
}

/** The pool's frames [first, first + count) through the ring, `batch` to a call; how many came out ESTABLISHED. */
export function trackPool(
  contestant: Contestant,
  ring: Ring,
  pool: FramePool,
  first: number,
  count: number,
  batch: number,
  time: number,
): number {
  const load = batch === 1 ? RING_SLOTS : batch;
  let established = 0;
  for (let done = 0; done < count; done += load) {
    ring.load(pool, first + done, Math.min(load, count - done), time + done * MS_PER_PACKET);
    established += batch === 1 ? contestant.trackEach(ring) : contestant.trackBatch(ring);
  }
  return established;
}

/**
 * V8 starts with a fast compiler and replaces hot functions later, between calls: only several short calls, with
 * room between them, bring everything to the last tier.
 */
export async function warmUp(calls: number, call: (round: number) => void): Promise<void> {
  for (let round = 0; round < calls; round++) {
    call(round);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
