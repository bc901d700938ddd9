import type { Contestant } from "./contestant.js";
import { createField, expectEstablished, openFlows, trackPool, warmUp } from "./field.js";
import { collectGarbage } from "./garbage.js";
import { alternate } from "./measure.js";
import type { Options } from "./options.js";
import { Ring } from "./ring.js";
import { type Row, rowOf } from "./rows.js";
import { CONNECTION_STEPS, FramePool } from "./workload.js";

const FLOWS = [1_000_000];
const QUICK_FLOWS = [65_536];
const BATCH = 256;
const INTERLEAVED = 32;
const WARM_UP_CALLS = 40;
const WARM_UP_CONNECTIONS = 512;
/** More than the timeout of TIME_WAIT. */
const ROUND_MS = 125_000;

function expectTimeWait(contestant: Contestant, expected: number): void {
  const found = contestant.timeWaitCount();
  if (contestant.judges && found !== expected) {
    throw new Error(`${contestant.name}: ${found} flows in TIME_WAIT, not ${expected}`);
  }
}

/** Whole connections, each of them new, beside many flows that live on. */
export async function* life(options: Options): AsyncGenerator<Row> {
  const rounds = options.quick ? 3 : 7;
  const connections = options.quick ? 2048 : 16_384;
  const packets = connections * CONNECTION_STEPS;
  const pool = new FramePool(packets);
  const ring = new Ring();
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const field = await createField(options.contestants, flows, 2 * connections);
    let time = openFlows(field, ring, flows, 1000);
    for (const contestant of field) contestant.verifyChecksums(false);
    let nextFlow = flows;

    await warmUp(WARM_UP_CALLS, () => {
      time += ROUND_MS;
      pool.fillWithConnections(nextFlow, WARM_UP_CONNECTIONS, CONNECTION_STEPS, INTERLEAVED);
      nextFlow += WARM_UP_CONNECTIONS;
      for (const contestant of field) {
        contestant.expire(time);
        trackPool(contestant, ring, pool, 0, WARM_UP_CONNECTIONS * CONNECTION_STEPS, BATCH, time);
        expectTimeWait(contestant, WARM_UP_CONNECTIONS);
      }
    });

    let filled = -1;
    const entrants = field.map((contestant) => ({
      name: contestant.name,
      prepare: (round: number) => {
        if (filled !== round) {
          time += ROUND_MS;
          pool.fillWithConnections(nextFlow, connections, CONNECTION_STEPS, INTERLEAVED);
          nextFlow += connections;
          filled = round;
        }
        if (round > 0) expectTimeWait(contestant, connections);
        // The connections of the last round go, unmeasured: their end is the EXPIRE workload.
        contestant.expire(time);
        collectGarbage();
      },
      run: () => {
        const established = trackPool(contestant, ring, pool, 0, packets, BATCH, time);
        expectEstablished(contestant, established, packets - connections);
        return undefined;
      },
    }));
    const measured = await alternate(entrants, rounds);
    for (const contestant of field) expectTimeWait(contestant, connections);
    yield rowOf(
      { workload: "life", flows, batch: BATCH, checksum: false, unit: "ns/connection" },
      measured,
      1_000_000 / connections,
    );
  }
}
