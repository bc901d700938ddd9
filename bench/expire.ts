import type { Contestant } from "./contestant.js";
import { createField, openFlows } from "./field.js";
import { collectGarbage } from "./garbage.js";
import { alternate, cpuMillis } from "./measure.js";
import type { Options } from "./options.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { type Row, rowOf } from "./rows.js";
import { CONNECTION_STEPS, FramePool } from "./workload.js";

const FLOWS = [1_000_000];
const QUICK_FLOWS = [65_536];
/** More than the timeout of an established connection, five days. */
const ROUND_MS = 433_000_000;
const BATCH = 32;
/** Connections that go on while the sweep removes the flows that timed out. */
const CONNECTIONS_MEANWHILE = 16_384;

/** All flows time out at once: what removing one costs, and how long a packet waits at most for it. */
export async function* expire(options: Options): AsyncGenerator<Row> {
  const rounds = options.quick ? 3 : 5;
  const connections = options.quick ? 2048 : CONNECTIONS_MEANWHILE;
  const packets = connections * CONNECTION_STEPS;
  const pool = new FramePool(packets);
  const ring = new Ring();
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const judging = options.contestants.filter((name) => name !== "floor");
    const field = await createField(judging, flows, connections);
    for (const contestant of field) contestant.verifyChecksums(false);
    // The times of a round: the old flows are gone, the new ones open, and these have timed out in turn.
    const opening = (round: number) => 1000 + 2 * round * ROUND_MS;
    const over = (round: number) => opening(round) + ROUND_MS;
    const refill = (contestant: Contestant, round: number) => {
      contestant.expire(opening(round));
      expectEmpty(contestant);
      openFlows([contestant], ring, flows, opening(round));
      collectGarbage();
    };

    const all = field.map((contestant) => ({
      name: contestant.name,
      prepare: (round: number) => refill(contestant, round),
      run: (round: number) => {
        contestant.expire(over(round));
        expectEmpty(contestant);
        return undefined;
      },
    }));
    const removal = await alternate(all, rounds);
    yield rowOf({ workload: "expire", flows, unit: "ns/flow" }, removal, 1_000_000 / flows);

    pool.fillWithConnections(flows, connections, CONNECTION_STEPS, BATCH);
    const meanwhile = field.map((contestant) => ({
      name: contestant.name,
      prepare: (round: number) => refill(contestant, rounds + round),
      run: (round: number) => {
        let worst = 0;
        for (let done = 0; done < packets; done += BATCH) {
          ring.load(pool, done, BATCH, over(rounds + round) + done * MS_PER_PACKET);
          const before = cpuMillis();
          contestant.trackAndSweep(ring);
          worst = Math.max(worst, cpuMillis() - before);
        }
        return { overriddenDuration: worst };
      },
    }));
    const pause = await alternate(meanwhile, rounds);
    yield rowOf({ workload: "expire-pause", flows, batch: BATCH, unit: "µs/call" }, pause, 1000);
  }
}

function expectEmpty(contestant: Contestant): void {
  const left = contestant.flowCount();
  if (left !== 0) throw new Error(`${contestant.name}: ${left} flows left after their timeout`);
}
