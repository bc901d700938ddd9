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
  await watch.prepare();
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    for (const { events, reserved } of SETTINGS) {
      const worst = [];
      // Each with another engine: memory that has been taken once is there.
      for (let round = options.quick ? 1 : 3; round > 0; round--) {
        collectGarbage();
        worst.push(watch.run(flows, SWEEPS, events, reserved));
      }
      const setting = { flows, batch: BATCH, events, unit: "µs/call" };
      const row = (workload: Row["workload"], pauses: readonly Pause[]) =>
        rowOf(
          { workload, ...setting },
          {
            ours: measured(pauses.map(({ call }) => call)),
            floor: measured(pauses.map(({ machine }) => machine)),
          },
          1000,
        );
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

/** In milliseconds. */
interface Pause {
  /** The longest call. */
  readonly call: number;
  /** The longest time by which the machine holds up a loop that has nothing to do, watched for as long in the same run. */
  readonly machine: number;
}

/**
 * Milliseconds between two moments. Other programs make the one clock go on, V8's helper threads the other: it took no longer
 * than either says.
 */
class Moment {
  readonly #wall = performance.now();
  readonly #cpu = cpuMillis();

  get since(): number {
    return Math.min(cpuMillis() - this.#cpu, performance.now() - this.#wall);
  }
}

class Watch {
  readonly #pool = new FramePool(TOGETHER);
  readonly #ring = new Ring();
  /** V8 gives up code that it has made for objects which are gone, and makes it anew: one that stays spares the others that. */
  #staying: Conntrack | undefined;

  async prepare(): Promise<void> {
    await Conntrack.create();
    await warmUp(WARM_UPS, () => this.run(WARM_UP_FLOWS, WARM_UP_FLOWS / BATCH, true, true));
  }

  /** The longest of the calls that enter so many flows, and of so many that sweep them away. */
  run(flows: number, sweeps: number, events: boolean, reserved: boolean): { insert: Pause; sweep: Pause } {
    const conntrack = Conntrack.createSync({
      sysctl: { nf_conntrack_max: 0, nf_conntrack_events: events ? 1 : 0 },
      reservedFlows: reserved ? flows + sweeps * BATCH : 0,
    });
    this.#staying ??= conntrack;
    const batch = conntrack.createBatch(BATCH, { link: LinkType.ETHERNET, bytes: BATCH * SLOT_BYTES });
    /** Opens flows. */
    const open = (first: number, count: number, time: number): Pause => {
      let call = 0;
      let machine = 0;
      for (let done = 0; done < count; done += BATCH) {
        if (done % TOGETHER === 0) this.#pool.fillWithConnections(first + done, TOGETHER, 1, TOGETHER);
        this.#ring.load(
          this.#pool,
          done % TOGETHER,
          Math.min(BATCH, count - done),
          time + done * MS_PER_PACKET,
        );
        const before = new Moment();
        fill(batch, this.#ring);
        conntrack.trackBatch(batch);
        const took = before.since;
        call = Math.max(call, took);
        const idle = new Moment();
        while (idle.since < took);
        machine = Math.max(machine, idle.since - took);
      }
      return { call, machine };
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
