import type { Contestant } from "./contestant.js";
import { createField, openFlows, trackPool, warmUp } from "./field.js";
import { collectGarbage } from "./garbage.js";
import { alternate, cpuMillis, type Entrant } from "./measure.js";
import type { Options } from "./options.js";
import { Ours } from "./ours.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { type Row, rowOf } from "./rows.js";
import { CONNECTION_STEPS, FramePool } from "./workload.js";

const FLOWS = [1_000_000];
const QUICK_FLOWS = [65_536];
/** More than the timeout of an established connection, five days. */
const TIMEOUT_MS = 433_000_000;
const BATCH = 32;
/** Packets a call of the floor, which every figure is compared with: what it takes for as many packets as there are flows. */
const FLOOR_BATCH = 256;
/** Connections that go on while the sweep removes the flows that timed out. */
const CONNECTIONS_MEANWHILE = 16_384;
const WARM_UP_ROUNDS = 20;
const WARM_UP_FLOWS = 2048;

// The times of a round: the flows of the one before have timed out and new ones open; then these have timed out.
const opening = (round: number) => 1000 + 2 * round * TIMEOUT_MS;
const over = (round: number) => opening(round) + TIMEOUT_MS;

/** All flows time out at once: what removing one costs, and how long a packet waits at most for it. */
export async function* expire(options: Options): AsyncGenerator<Row> {
  const rounds = options.quick ? 3 : 5;
  const connections = options.quick ? 2048 : CONNECTIONS_MEANWHILE;
  const pool = new FramePool(connections * CONNECTION_STEPS);
  const ring = new Ring();
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const field = await createField(options.contestants, flows, connections, flows);
    const trackers = field.filter(({ judges }) => judges);
    const hits = new FramePool(flows);
    hits.fillWithHits(flows, 1);
    pool.fillWithConnections(flows, connections, CONNECTION_STEPS, BATCH);
    const refill = (contestant: Contestant, count: number, round: number) => {
      contestant.expire(opening(round));
      expectEmpty(contestant);
      openFlows([contestant], ring, count, opening(round));
      if (contestant instanceof Ours) contestant.forgetEvents();
    };
    const removeAll = (contestant: Contestant, round: number) => {
      if (!contestant.judges) {
        trackPool(contestant, ring, hits, 0, flows, FLOOR_BATCH, over(round));
        return undefined;
      }
      contestant.expire(over(round));
      expectEmpty(contestant);
      return undefined;
    };
    const worstCall = (contestant: Contestant, round: number) => ({
      overriddenDuration: worstOf(contestant, ring, pool, over(round)),
    });
    const entrants = (
      contestants: readonly Contestant[],
      firstRound: number,
      run: (contestant: Contestant, round: number) => ReturnType<Entrant["run"]>,
    ) =>
      contestants.map((contestant) => ({
        name: contestant.name,
        prepare: (round: number) => {
          if (contestant.judges) refill(contestant, flows, firstRound + round);
          collectGarbage();
        },
        run: (round: number) => run(contestant, firstRound + round),
      }));

    for (const contestant of field) contestant.verifyChecksums(false);
    for (const contestant of field)
      if (!contestant.judges) for (let n = 0; n < 3; n++) removeAll(contestant, 0);
    await warmUp(WARM_UP_ROUNDS, (round) => {
      for (const contestant of trackers) {
        refill(contestant, WARM_UP_FLOWS, round);
        if (round % 2 === 0) removeAll(contestant, round);
        else worstCall(contestant, round);
      }
    });
    let done = WARM_UP_ROUNDS;
    for (const events of [true, false]) {
      for (const contestant of field) if (contestant instanceof Ours) contestant.tellEvents(events);
      // The others tell of nothing.
      const contestants = events ? field.filter(({ name }) => name === "ours" || name === "floor") : field;
      const removal = await alternate(entrants(contestants, done, removeAll), rounds);
      yield rowOf({ workload: "expire", flows, events, unit: "ns/flow" }, removal, 1_000_000 / flows);
      done += rounds;
    }
    const pause = await alternate(entrants(trackers, done, worstCall), rounds);
    yield rowOf({ workload: "expire-pause", flows, batch: BATCH, unit: "µs/call" }, pause, 1000);
  }
}

/** Tracks the pool's frames, batch by batch; how long the longest call took, in milliseconds. */
function worstOf(contestant: Contestant, ring: Ring, pool: FramePool, time: number): number {
  let worst = 0;
  for (let done = 0; done < pool.capacity; done += BATCH) {
    ring.load(pool, done, BATCH, time + done * MS_PER_PACKET);
    const before = cpuMillis();
    contestant.trackAndSweep(ring);
    worst = Math.max(worst, cpuMillis() - before);
  }
  return worst;
}

function expectEmpty(contestant: Contestant): void {
  const left = contestant.flowCount();
  if (left !== 0) throw new Error(`${contestant.name}: ${left} flows left after their timeout`);
}
