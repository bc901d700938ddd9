/**
 * A flood of packets against a table that has connections in it: what must hold during and after it. Nothing here
 * depends on a test runner.
 */
import type { LinkType } from "../../assembly/shared/link-type.js";
import type { Batch } from "../../src/batch.js";
import type { ConntrackOptions } from "../../src/index.js";
import { checkTable, createHarness, type Harness, randomNumbers } from "../property/harness.js";
import { ACK, type Address, SYN, tcpPacket, udpPacket } from "../property/packet-builder.js";
import { PacketSource, type Random } from "./packet-source.js";

const BLOCK = 65536;
/** A row of assembly/flow-extension.ts. */
const EXTENSION_BYTES = 128;
/** Made when a full table is logged. */
const LOG_BYTES = 1 << 20;
/** A row of assembly/expectation.ts. */
const EXPECTATION_BYTES = 128;
/** Bytes that fragments of each family may take, and what reassembly takes beside them. */
const FRAGMENT_BYTES = 262_144;
const REASSEMBLY_BLOCKS = 5;
const BATCH = 64;
/** Helpers, at the ports that the flood goes to. */
const HELPERS = [
  ["ftp", 443],
  ["tftp", 53],
] as const;
/** No packet takes that long, whatever else the machine does. */
const LONGEST_CALL_MS = 5000;
const SERVER4 = [198, 51, 100, 9];
const SERVER6 = [0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];

/** A connection that the flood does not touch. */
interface Bystander {
  readonly name: string;
  readonly opening: readonly Uint8Array[];
  readonly there: Uint8Array;
  readonly back: Uint8Array;
}

function bystanders(): Bystander[] {
  return Array.from({ length: 200 }, (_, i) => {
    const six = (i & 1) === 1;
    const client: Address = six ? [...SERVER6.slice(0, 15), 100 + (i >>> 2)] : [203, 0, 113, 1 + (i >>> 2)];
    const server: Address = six ? SERVER6 : SERVER4;
    if (i & 2) {
      const there = udpPacket(client, server, 4500, 4500, [1]);
      const back = udpPacket(server, client, 4500, 4500, [2]);
      return { name: `udp ${i}`, opening: [there, back, there], there, back };
    }
    const ends = { sport: 50_000, dport: 22 };
    const answer = { sport: 22, dport: 50_000 };
    const there = tcpPacket(client, server, { ...ends, flags: ACK, seq: 1001, ack: 5001 });
    const back = tcpPacket(server, client, { ...answer, flags: ACK, seq: 5001, ack: 1001 });
    const syn = tcpPacket(client, server, { ...ends, flags: SYN, seq: 1000 });
    const synAck = tcpPacket(server, client, { ...answer, flags: SYN | ACK, seq: 5000, ack: 1001 });
    return { name: `tcp ${i}`, opening: [syn, synAck, there], there, back };
  });
}

export class Flood {
  readonly harness: Harness;
  /** Reasons given so far: a flood that meets few of them does not mean much. */
  readonly reasons = new Set<string>();
  readonly #source: PacketSource;
  readonly #random: Random;
  readonly #batches: readonly (readonly [LinkType, Batch])[];
  readonly #bystanders = bystanders();
  readonly #max: number;
  readonly #bytesBefore: number;
  #time = 1_700_000_000_000;
  #packets = 0;

  private constructor(harness: Harness, seed: number) {
    this.harness = harness;
    this.#source = new PacketSource(seed);
    this.#random = randomNumbers(seed + 1);
    this.#batches = this.#source.links.flatMap((link) =>
      (["PREROUTING", "OUTPUT"] as const).map((hook) => {
        return [link, harness.ct.createBatch(BATCH, { link, hook, bytes: BATCH * 4096 })] as const;
      }),
    );
    this.#max = harness.ct.getSysctl("nf_conntrack_max");
    this.#bytesBefore = harness.ct.memory().bytes;
    this.#openBystanders();
  }

  static async create(seed: number, options: ConntrackOptions = {}): Promise<Flood> {
    const sysctl = {
      nf_conntrack_udp_timeout_stream: 432_000,
      ipfrag_high_thresh: FRAGMENT_BYTES,
      nf_conntrack_frag6_high_thresh: FRAGMENT_BYTES,
      ...options.sysctl,
    };
    return new Flood(await createHarness({ ...options, sysctl }), seed);
  }

  /** Lets helpers read what the flood's clients send: packets of their flows interrupt a batch. */
  addHelpers(): void {
    const { ct } = this.harness;
    for (const [name, port] of HELPERS) ct.addHelper({ name, port });
  }

  get packets(): number {
    return this.#packets;
  }

  /** Tracks so many packets more, looking at what becomes of each. */
  run(packets: number): void {
    const end = this.#packets + packets;
    while (this.#packets < end) {
      const [link, batch] = this.#batches[this.#random(this.#batches.length)]!;
      const count = Math.min(1 + this.#random(BATCH), end - this.#packets);
      for (let n = 0; n < count; n++) {
        const { bytes, wireLength } = this.#source.next(link);
        if (!batch.push(bytes, this.#nextTime(), wireLength)) throw new Error("the batch is full");
      }
      const start = performance.now();
      this.harness.ct.trackBatch(batch);
      const took = performance.now() - start;
      if (took > LONGEST_CALL_MS) throw new Error(`a call with ${count} packets took ${took} ms`);
      this.#judge(batch);
      this.#readLog();
      batch.clear();
      this.#packets += count;
    }
  }

  /** Throws unless the table is sound, within its bounds, and still has the connections from before. */
  check(): void {
    checkTable(this.harness);
    this.#checkMemory();
    const { ct } = this.harness;
    for (const { name, there, back } of this.#bystanders) {
      for (const packet of [there, back]) {
        const { ctState, flow } = ct.track(packet, { time: this.#time });
        if (ctState !== "ESTABLISHED" || !flow?.assured)
          throw new Error(`${name} is ${ctState} after the flood`);
      }
    }
    if (ct.stats().helper_failures)
      throw new Error(`helpers failed: ${JSON.stringify(ct.takeHelperFailures())}`);
    const listed = [...ct.flows()].length;
    const { entries } = ct.stats();
    if (listed > entries) throw new Error(`${listed} flows are listed, ${entries} counted`);
    ct.drainEvents();
  }

  /** Mostly a few milliseconds on; now and then what no clock shows, or one that has been set back. */
  #nextTime(): number {
    const random = this.#random;
    this.#time += random(5);
    if (random(500) > 0) return this.#time;
    return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0, this.#time - 1e6][
      random(6)
    ]!;
  }

  #openBystanders(): void {
    for (let step = 0; step < 3; step++) {
      for (const { opening } of this.#bystanders) this.harness.ct.track(opening[step]!, { time: this.#time });
      // Two-way UDP counts as a stream after two seconds.
      this.#time += 3000;
    }
  }

  #judge(batch: Batch): void {
    for (let i = 0; i < batch.length; i++) {
      const state = batch.ctState(i);
      const reason = batch.reason(i);
      const refused = state === "INVALID" || batch.verdict(i) === "DROP";
      if (reason !== undefined) this.reasons.add(reason);
      if (refused && reason === undefined) throw new Error(`packet ${i} is ${state} for no reason`);
      // One in so many is enough to look at closely: it costs more than tracking.
      if (i % 16) continue;
      const explanation = batch.explain(i);
      if ((reason === undefined) !== (explanation === "") || /undefined|NaN/.test(explanation)) {
        throw new Error(`${reason} is explained as ${JSON.stringify(explanation)}`);
      }
      const line = batch.flow(i)?.line();
      if (line !== undefined && !/^ipv[46] .* src=.* dst=.* use=\d+$/.test(line)) throw new Error(line);
    }
  }

  #readLog(): void {
    for (const { text } of this.harness.ct.drainLog()) {
      if (!/^n\S+: .*\S/.test(text) || /undefined|NaN/.test(text)) throw new Error(`logged: ${text}`);
    }
  }

  /** Flows with all they may have, and an index that is at least two fifths full beside the one it is leaving. */
  #checkMemory(): void {
    const { engine, ct } = this.harness;
    const { FLOW4_BYTES, FLOW6_BYTES, COUNTERS_BYTES } = engine.layout;
    const blocks = [FLOW4_BYTES, FLOW6_BYTES].map((size) => {
      return Math.ceil(this.#max / Math.floor((BLOCK - 64) / (size + 4 + COUNTERS_BYTES)));
    });
    const expectations = ct.getSysctl("nf_conntrack_expect_max");
    blocks.push(Math.ceil((this.#max * EXTENSION_BYTES) / BLOCK));
    blocks.push(Math.ceil((expectations * EXPECTATION_BYTES) / BLOCK));
    // A block is not quite filled with cells.
    blocks.push(Math.ceil((2 * FRAGMENT_BYTES) / (BLOCK - 512)) + REASSEMBLY_BLOCKS);
    const flows = blocks.reduce((sum, n) => sum + n * BLOCK, 0);
    const index = Math.max(BLOCK, (64 * this.#max) / (12 * 0.4)) * 1.5;
    const { bytes, flows: count, fragmentBytes } = ct.memory();
    if (fragmentBytes > 2 * FRAGMENT_BYTES) throw new Error(`${fragmentBytes} bytes of fragments`);
    if (count > this.#max) throw new Error(`${count} flows, nf_conntrack_max is ${this.#max}`);
    const bound = this.#bytesBefore + flows + index + LOG_BYTES;
    if (bytes > bound) throw new Error(`${bytes} bytes in use, ${bound} would be enough`);
    // Memory grows by halves.
    const total = engine.u8.length;
    if (total > 1.5 * bound + BLOCK) throw new Error(`${total} bytes of memory, ${bound} would be enough`);
  }
}
