import { type Batch, Conntrack, LinkType } from "../src/index.js";
import { warmUp } from "./field.js";
import { collectGarbage } from "./garbage.js";
import type { Options } from "./options.js";
import { fill } from "./ours.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { type Row, round } from "./rows.js";
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
      const inserts = new Recurring(flows);
      const sweeps = new Recurring(SWEEPS * BATCH);
      // Each with another engine: memory that has been taken once is there.
      for (let left = options.quick ? 2 : 3; left > 0; left--) {
        collectGarbage();
        watch.run(flows, SWEEPS, events, reserved, inserts, sweeps);
      }
      const row = (workload: Row["workload"], calls: Recurring): Row => ({
        workload,
        flows,
        batch: BATCH,
        events,
        unit: "µs/call",
        value: round(1000 * calls.longest),
        floor: null,
        jsMap: null,
        spread: {},
      });
      yield row(reserved ? "insert-pause" : "growth-pause", inserts);
      if (reserved) yield row("sweep-pause", sweeps);
    }
  }
}

/**
 * What each call takes in every one of several rounds that make the same calls: the shortest time of it. What the engine does is
 * in all of them; what else the machine does meanwhile holds up another call every time.
 */
class Recurring {
  readonly #shortest: Float64Array;

  constructor(packets: number) {
    this.#shortest = new Float64Array(Math.ceil(packets / BATCH)).fill(Number.POSITIVE_INFINITY);
  }

  note(call: number, milliseconds: number): void {
    if (milliseconds < (this.#shortest[call] as number)) this.#shortest[call] = milliseconds;
  }

  get longest(): number {
    return this.#shortest.reduce((longest, one) => Math.max(longest, one), 0);
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

  /** Notes how long the calls take that enter so many flows, and so many that sweep them away. */
  run(
    flows: number,
    sweeps: number,
    events: boolean,
    reserved: boolean,
    inserts = new Recurring(flows),
    swept = new Recurring(sweeps * BATCH),
  ): void {
    const conntrack = Conntrack.createSync({
      sysctl: { nf_conntrack_max: 0, nf_conntrack_events: events ? 1 : 0 },
      reservedFlows: reserved ? flows + sweeps * BATCH : 0,
    });
    this.#staying ??= conntrack;
    const batch = conntrack.createBatch(BATCH, { link: LinkType.ETHERNET, bytes: BATCH * SLOT_BYTES });
    this.#open(conntrack, batch, 0, flows, 1000, inserts);
    const opened = conntrack.memory().flows;
    if (opened !== flows) throw new Error(`${opened} flows open, not ${flows}`);
    const over = 1000 + TIMEOUT_MS + flows * MS_PER_PACKET;
    this.#open(conntrack, batch, flows, sweeps * BATCH, over, swept);
    if (conntrack.memory().flows >= flows + sweeps * BATCH) throw new Error("the sweep has ended no flow");
  }

  /** Opens flows. (A method, no function made for each engine: V8 would compile that anew while it is watched.) */
  #open(
    conntrack: Conntrack,
    batch: Batch,
    first: number,
    count: number,
    time: number,
    calls: Recurring,
  ): void {
    for (let done = 0; done < count; done += BATCH) {
      if (done % TOGETHER === 0) this.#pool.fillWithConnections(first + done, TOGETHER, 1, TOGETHER);
      const packets = Math.min(BATCH, count - done);
      this.#ring.load(this.#pool, done % TOGETHER, packets, time + done * MS_PER_PACKET);
      const before = performance.now();
      fill(batch, this.#ring);
      conntrack.trackBatch(batch);
      calls.note(done / BATCH, performance.now() - before);
    }
  }
}
