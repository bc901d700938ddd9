import { createField, expectEstablished, openFlows, trackPool, warmUp } from "./field.js";
import { alternate } from "./measure.js";
import type { Options } from "./options.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { type Row, rowOf } from "./rows.js";
import { FramePool } from "./workload.js";

const FLOWS = [1000, 65_536, 1_000_000, 10_000_000];
const QUICK_FLOWS = [1000, 65_536];

const SETTINGS = [
  { batch: 256, checksum: false },
  { batch: 256, checksum: true },
  { batch: 32, checksum: false },
  { batch: 1, checksum: false },
];

const WARM_UP_CALLS = 40;
const WARM_UP_PACKETS = 4096;

/** ACKs of random flows that are established, in either direction. */
export async function* hit(options: Options): AsyncGenerator<Row> {
  const rounds = options.quick ? 3 : 7;
  const packets = options.quick ? 1 << 16 : 1 << 20;
  const pool = new FramePool(packets);
  const ring = new Ring();
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const field = await createField(options.contestants, flows);
    let time = openFlows(field, ring, flows, 1000);
    for (const { batch, checksum } of SETTINGS) {
      for (const contestant of field) contestant.verifyChecksums(checksum);
      pool.fillWithHits(flows, batch);
      await warmUp(WARM_UP_CALLS, () => {
        time += WARM_UP_PACKETS * MS_PER_PACKET;
        for (const contestant of field) trackPool(contestant, ring, pool, 0, WARM_UP_PACKETS, batch, time);
      });
      time += WARM_UP_PACKETS * MS_PER_PACKET;
      const started = time;
      let filled = -1;
      const entrants = field.map((contestant) => ({
        name: contestant.name,
        prepare: (round: number) => {
          // New picks every round: a million of them would otherwise be all that is ever used of ten million flows.
          if (filled !== round) pool.fillWithHits(flows, 1 + round);
          filled = round;
        },
        run: (round: number) => {
          const now = started + round * packets * MS_PER_PACKET;
          const established = trackPool(contestant, ring, pool, 0, packets, batch, now);
          expectEstablished(contestant, established, packets);
          return undefined;
        },
      }));
      const measured = await alternate(entrants, rounds);
      time += rounds * packets * MS_PER_PACKET;
      yield rowOf(
        { workload: "hit", flows, batch, checksum, unit: "ns/packet" },
        measured,
        1_000_000 / packets,
      );
    }
  }
}
