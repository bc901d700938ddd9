import { Conntrack, LinkType } from "../src/index.js";
import { warmUp } from "./field.js";
import { collectGarbage } from "./garbage.js";
import { cpuMillis, type Measured } from "./measure.js";
import type { Options } from "./options.js";
import { fill } from "./ours.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { type Row, rowOf } from "./rows.js";
import { FramePool, SLOT_BYTES } from "./workload.js";

const FLOWS = [10_000_000];
const QUICK_FLOWS = [65_536];
const BATCH = 32;
/** Connections whose first frames are made together. */
const TOGETHER = 8192;
/** More than the timeout of a connection of which only the SYN has been seen. */
const TIMEOUT_MS = 121_000;
/** Calls for which the sweep is watched. */
const SWEEPS = 8192;
const WARM_UPS = 20;
const SETTINGS = [
  { events: true, reserved: true },
  { events: false, reserved: true },
  { events: true, reserved: false },
];
const WARM_UP_FLOWS = 4096;

/**
 * How long a packet waits at most: while the table fills from nothing, in memory that was reserved and in memory that
 * grows, and while all of it is over at once.
 */
export async function* pause(options: Options): AsyncGenerator<Row> {
  if (!options.contestants.includes("ours")) return;
  const watch = new Watch();
  await Conntrack.create();
  await warmUp(WARM_UPS, () => watch.run(WARM_UP_FLOWS, WARM_UP_FLOWS / BATCH, true, true));
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    for (const { events, reserved } of SETTINGS) {
      const worst = [];
      // Each with another engine: memory that has been taken once is there.
      for (let round = options.quick ? 1 : 3; round > 0; round--) {
        collectGarbage();
        worst.push(watch.run(flows, SWEEPS, events, reserved));
      }
      const setting = { flows, batch: BATCH, events, unit: "µs/call" };
      const row = (workload: Row["workload"], ours: number[]) =>
        rowOf({ workload, ...setting }, { ours: measured(ours) }, 1000);
      yield row(
        reserved ? "insert-pause" : "growth-pause",
        worst.map(({ insert }) => insert),
      );
      if (!reserved) continue;
      yield row(
        "sweep-pause",
        worst.map(({ sweep }) => sweep),
      );
    }
  }
}

class Watch {
  readonly #pool = new FramePool(TOGETHER);
  readonly #ring = new Ring();

  /** The longest calls, in milliseconds: of those that enter so many flows, and of so many that sweep them away. */
  run(flows: number, sweeps: number, events: boolean, reserved: boolean): { insert: number; sweep: number } {
    const conntrack = Conntrack.createSync({
      sysctl: { nf_conntrack_max: 0, nf_conntrack_events: events ? 1 : 0 },
      reservedFlows: reserved ? flows + sweeps * BATCH : 0,
    });
    const batch = conntrack.createBatch(BATCH, { link: LinkType.ETHERNET, bytes: BATCH * SLOT_BYTES });
    /** Opens flows; the longest call. */
    const open = (first: number, count: number, time: number) => {
      let worst = 0;
      for (let done = 0; done < count; done += BATCH) {
        if (done % TOGETHER === 0) this.#pool.fillWithConnections(first + done, TOGETHER, 1, TOGETHER);
        this.#ring.load(
          this.#pool,
          done % TOGETHER,
          Math.min(BATCH, count - done),
          time + done * MS_PER_PACKET,
        );
        // Other programs make the one clock go on, V8's helper threads the other: a call takes no longer than either says.
        const wall = performance.now();
        const cpu = cpuMillis();
        fill(batch, this.#ring);
        conntrack.trackBatch(batch);
        worst = Math.max(worst, Math.min(cpuMillis() - cpu, performance.now() - wall));
      }
      return worst;
    };
    const insert = open(0, flows, 1000);
    const opened = conntrack.memory().flows;
    if (opened !== flows) throw new Error(`${opened} flows open, not ${flows}`);
    const sweep = open(flows, sweeps * BATCH, 1000 + TIMEOUT_MS + flows * MS_PER_PACKET);
    if (conntrack.memory().flows >= flows + sweeps * BATCH) throw new Error("the sweep has ended no flow");
    return { insert, sweep };
  }
}

function measured(runs: readonly number[]): Measured {
  const sorted = runs.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >>> 1] ?? 0;
  return { median, spread: ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / 2 / median };
}
