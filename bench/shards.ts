import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { CtState, LinkType, type ShardedBatch, ShardedConntrack } from "../src/index.js";
import type { Options } from "./options.js";
import { MS_PER_PACKET } from "./ring.js";
import { type Row, round } from "./rows.js";
import { FRAME_BYTES, FramePool, OPENING_STEPS, SLOT_BYTES } from "./workload.js";

const FLOWS = [65_536, 1_000_000];
const QUICK_FLOWS = [65_536];
const BATCH = 8192;
/** Batches under way at a time. */
const DEPTH = 8;
const LINK = LinkType.ETHERNET;
const WARM_UP_PACKETS = 1 << 20;

/**
 * HIT by one worker and by two, packets handed out by the main thread: by the clock on the wall, and by the CPU time of the
 * thread that has most to do, which is what the clock says where every thread has a processor of its own.
 */
export async function* shards(options: Options): AsyncGenerator<Row> {
  if (availableParallelism() < 2) {
    process.stderr.write("shards: needs two processors\n");
    return;
  }
  const rounds = options.quick ? 3 : 5;
  const packets = options.quick ? 1 << 20 : 1 << 22;
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const pool = new FramePool(1 << 18);
    const field = await Promise.all([1, 2].map((workers) => Field.create(workers, flows)));
    pool.fillWithHits(flows, 1);
    const runs: Taken[][] = [[], []];
    for (const one of field) await one.hit(pool, WARM_UP_PACKETS);
    for (let turn = 0; turn < rounds; turn++) {
      for (const [i, one] of field.entries()) runs[i]?.push(await one.hit(pool, packets));
    }
    for (const one of field) one.close();
    const nanoseconds = (of: keyof Taken) =>
      runs.map((taken) => round((median(taken.map((one) => one[of])) * 1_000_000) / packets));
    const [oneWorker = 0, two = 0] = nanoseconds("wall");
    const [busiestOfOne = 0, busiestOfTwo = 0] = nanoseconds("busiest");
    yield {
      workload: "shards",
      flows,
      batch: BATCH,
      checksum: true,
      unit: "ns/packet",
      value: two,
      oneWorker,
      ...(busiestOfTwo > 0 ? { busiest: { two: busiestOfTwo, one: busiestOfOne } } : {}),
      floor: null,
      jsMap: null,
      spread: {},
    };
  }
}

/** Milliseconds that a run took. */
interface Taken {
  readonly wall: number;
  /** Of CPU, by the thread that took most; 0 where the system does not tell. */
  readonly busiest: number;
}

const THREADS = "/proc/self/task";

/** Milliseconds of CPU that each thread of this process has used; of none where the system is not Linux. */
function threadTimes(): Map<string, number> {
  const times = new Map<string, number>();
  if (!existsSync(THREADS)) return times;
  for (const thread of readdirSync(THREADS)) {
    const [nanoseconds] = readFileSync(`${THREADS}/${thread}/schedstat`, "utf8").split(" ");
    times.set(thread, Number(nanoseconds) / 1_000_000);
  }
  return times;
}

class Field {
  readonly #sharded: ShardedConntrack;
  readonly #batches: readonly ShardedBatch[];
  readonly #busy: Promise<void>[];
  #time = 1000;
  readonly #packets = {
    bytes: new Uint8Array(0) as Uint8Array,
    count: BATCH,
    offsets: Uint32Array.from({ length: BATCH }, (_, i) => i * SLOT_BYTES),
    lengths: new Uint32Array(BATCH).fill(FRAME_BYTES),
    times: new Float64Array(BATCH),
  };

  private constructor(sharded: ShardedConntrack) {
    this.#sharded = sharded;
    const bytes = BATCH * SLOT_BYTES;
    this.#batches = Array.from({ length: DEPTH }, () => sharded.createBatch(BATCH, { link: LINK, bytes }));
    this.#busy = this.#batches.map(() => Promise.resolve());
  }

  /** So many workers with so many flows open. */
  static async create(shards: number, flows: number): Promise<Field> {
    const sharded = await ShardedConntrack.create({ shards, sysctl: { nf_conntrack_max: 2 * flows } });
    const field = new Field(sharded);
    const together = (BATCH / OPENING_STEPS) | 0;
    const pool = new FramePool(together * OPENING_STEPS);
    for (let first = 0; first < flows; first += together) {
      const connections = Math.min(together, flows - first);
      pool.fillWithConnections(first, connections, OPENING_STEPS, connections);
      await field.#track(pool, connections * OPENING_STEPS);
    }
    const { entries } = await sharded.stats();
    if (entries !== flows) throw new Error(`${entries} flows open, not ${flows}`);
    return field;
  }

  close(): void {
    this.#sharded.close();
  }

  /** Tracks so many packets of the pool, over and over. */
  async hit(pool: FramePool, packets: number): Promise<Taken> {
    const before = threadTimes();
    const began = performance.now();
    const established = await this.#track(pool, packets);
    const wall = performance.now() - began;
    const used = [...threadTimes()].map(([thread, time]) => time - (before.get(thread) ?? 0));
    if (established !== packets) throw new Error(`${established} packets ESTABLISHED, not ${packets}`);
    return { wall, busiest: Math.max(0, ...used) };
  }

  /** Keeps all batches busy; how many packets came out ESTABLISHED. */
  async #track(pool: FramePool, packets: number): Promise<number> {
    let established = 0;
    for (let done = 0, turn = 0; done < packets; done += BATCH, turn++) {
      const slot = turn % DEPTH;
      const batch = this.#batches[slot] as ShardedBatch;
      await this.#busy[slot];
      established += countEstablished(batch);
      batch.clear();
      this.#fill(batch, pool, done % pool.capacity, Math.min(BATCH, packets - done));
      this.#busy[slot] = this.#sharded.trackBatch(batch);
    }
    await Promise.all(this.#busy);
    for (const batch of this.#batches) {
      established += countEstablished(batch);
      batch.clear();
    }
    return established;
  }

  #fill(batch: ShardedBatch, pool: FramePool, first: number, count: number): void {
    const packets = this.#packets;
    packets.bytes = pool.bytes.subarray(first * SLOT_BYTES, (first + count) * SLOT_BYTES);
    for (let i = 0; i < count; i++) packets.times[i] = this.#time + i * MS_PER_PACKET;
    this.#time += count * MS_PER_PACKET;
    const added = batch.pushAll(packets, 0, count);
    if (added !== count) throw new Error(`${added} packets in the batch, not ${count}`);
  }
}

function countEstablished(batch: ShardedBatch): number {
  const states = batch.ctStates;
  let established = 0;
  for (let i = 0; i < states.length; i++) if (states[i] === CtState.ESTABLISHED) established++;
  return established;
}

function median(runs: readonly number[]): number {
  return runs.toSorted((a, b) => a - b)[runs.length >>> 1] ?? 0;
}
