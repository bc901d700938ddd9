import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Batch } from "../../src/batch.js";
import { chiSquare, chiSquareBounds } from "./chi-square.js";
import { checkTable, createHarness, type Harness, seedBytes } from "./harness.js";
import { readIndex } from "./index-view.js";
import {
  ACK,
  type Address,
  icmpPacket,
  ipPacket,
  OSPF,
  SYN,
  tcpPacket,
  udpPacket,
} from "./packet-builder.js";

const TIME = 1_000_000;

function trackAll({ ct }: Harness, batch: Batch, packets: Iterable<Uint8Array>): void {
  for (const packet of packets) {
    if (batch.push(packet, TIME)) continue;
    ct.trackBatch(batch);
    batch.clear();
    batch.push(packet, TIME);
  }
  ct.trackBatch(batch);
  batch.clear();
}

/** UDP between four numbers: addresses of 32 bits, ports of 16. */
function udp4(source: number, destination: number, sport: number, dport: number): Uint8Array {
  const bytes = (n: number) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
  return udpPacket(bytes(source), bytes(destination), sport & 0xffff, dport & 0xffff);
}

/** `high` and `low`: 32 bits each; the rest is a fixed network. */
function ip6(high: number, low: number): Address {
  const bytes = (n: number) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
  return [0x20, 0x01, 0x0d, 0xb8, ...bytes(high), 0, 0, 0, 0, ...bytes(low)];
}

const A = 0x0a00002a;
const B = 0xc0a80017;

const reversed = (n: number) => {
  let bits = 0;
  for (let i = 0; i < 32; i++) bits |= ((n >>> i) & 1) << (31 - i);
  return bits >>> 0;
};

/** Pairs of bits of a tuple's 96 (addresses and ports) that lie less than half the tuple apart. */
const BIT_PAIRS = 96 * 47;

/** Two bits of a tuple flipped; each number has a pair and a tuple of its own. */
function bitPair(i: number): Uint8Array {
  const first = i % 96;
  const second = (first + 1 + (Math.floor(i / 96) % 47)) % 96;
  const base = 0x0a00002a_c0a80017_d431_0035n ^ (0x1f3c_77e1_0000_0000n * BigInt(Math.floor(i / BIT_PAIRS)));
  const tuple = base ^ (1n << BigInt(first)) ^ (1n << BigInt(second));
  const word = (shift: bigint) => Number((tuple >> shift) & 0xffffffffn);
  return udp4(word(64n), word(32n), word(16n), word(0n));
}

/** Packets of new flows, by number; no two are of the same flow. */
const PATTERNS: Readonly<Record<string, (i: number) => Uint8Array>> = {
  "consecutive source ports": (i) => udp4(A, B, i + 1, 53),
  "consecutive destination ports": (i) => udp4(A, B, 40_000, i + 1),
  "consecutive client addresses": (i) => udp4(0x0a000000 + i, B, 5353, 53),
  "consecutive server addresses": (i) => udp4(A, 0xc0000000 + i, 5353, 53),
  "one client a network": (i) => udp4(reversed(i) ^ 0x55, B, 5353, 53),
  "addresses and ports that rise together": (i) => udp4(A + i, B + i, 1024 + i, 1024 + i),
  "addresses and ports that cancel out in a sum": (i) => udp4(A + i, B - i, 1 + i, 0xffff - i),
  "addresses and ports that cancel out in an exclusive or": (i) =>
    udp4(A ^ (i << 4), B ^ (i << 4), i, i ^ 0x5555),
  "an address's halves swapped, and the ports": (i) => {
    const half = (i >>> 1) + 1;
    const swapped = i & 1 ? (half << 16) | 0xac10 : 0xac100000 | half;
    return udp4(swapped, B, 2000, 2001);
  },
  "the same two ends with crossed ports": (i) => {
    const port = 1024 + (i >>> 1);
    return i & 1 ? udp4(A, B, 53, port) : udp4(A, B, port, 53);
  },
  "two bits flipped": bitPair,
  "echo identifiers": (i) => icmpPacket([10, 0, 0, 1], [192, 0, 2, 1], 8, 0, i << 16),
  "one flow an address pair": (i) => ipPacket([10, 0, i >>> 8, i & 255], [192, 0, 2, 1], OSPF, [2, 1, 0, 4]),
  "IPv6 interface identifiers": (i) => udpPacket(ip6(1, i + 1), ip6(2, 1), 5353, 53),
  "IPv6 networks": (i) => udpPacket(ip6(i + 1, 1), ip6(0x80000000, 1), 5353, 53),
  "IPv6 halves that cancel out": (i) => udpPacket(ip6(i + 1, i + 1), ip6(i + 2, i + 2), 5353, 53),
  "IPv6 source ports": (i) => tcpPacket(ip6(1, 1), ip6(2, 1), { sport: i + 1, dport: 443, flags: SYN }),
};

/** With three entries a chunk on average, next to none overflows: entries lie where their hash says. */
const ENTRIES_A_CHUNK = 3;

describe.each([
  { chunks: 1024, grown: 0 },
  { chunks: 4096, grown: 25_000 },
])("in an index of $chunks chunks", ({ chunks, grown }) => {
  let harness: Harness;
  let batch: Batch;

  beforeAll(async () => {
    harness = await createHarness({
      sysctl: { nf_conntrack_max: 0 },
      eventCapacity: 0,
      hashSeed: seedBytes(3),
    });
    batch = harness.ct.createBatch(256);
    trackAll(
      harness,
      batch,
      Array.from({ length: grown }, (_, i) => udp4(i, B, 1, 2)),
    );
    expect(readIndex(harness.engine).chunks).toBe(chunks);
  });

  it.each(Object.entries(PATTERNS))("%s are spread as if at random", (_, packetOf) => {
    const count = chunks * ENTRIES_A_CHUNK;
    harness.ct.flush();
    trackAll(
      harness,
      batch,
      Array.from({ length: count }, (_, i) => packetOf(i)),
    );
    const { entries, overflow } = readIndex(harness.engine);
    expect(entries.length).toBe(count);
    expect(overflow).toBeLessThan(5);

    const perChunk = new Uint32Array(chunks);
    const perTag = new Uint32Array(256);
    const perBits = new Uint32Array(16);
    for (const { chunk, tag, bits } of entries) {
      perChunk[chunk]!++;
      perTag[tag]!++;
      perBits[bits]!++;
    }
    const even = (n: number) => Array<number>(n).fill(count / n);
    // The tag 0 means a free place: hashes that would have it share the tag 1.
    const tags = even(256).slice(1);
    tags[0]! *= 2;
    for (const [what, counts, expected] of [
      ["chunks", perChunk, even(chunks)],
      ["tags", perTag.subarray(1), tags],
      ["further bits", perBits, even(16)],
    ] as const) {
      const { low, high } = chiSquareBounds(counts.length - 1);
      const statistic = chiSquare(counts, expected);
      expect(statistic, what).toBeGreaterThan(low);
      expect(statistic, what).toBeLessThan(high);
    }
  });
});

const FLOWS = 3000;

/** For each flow the chunk of its entry. */
function layout({ engine }: Harness): Map<number, number> {
  // Flows are made in the same order everywhere, so their addresses stand for them.
  return new Map(
    readIndex(engine).entries.map(({ flow, chunk, tag, bits }) => [flow, chunk | (tag << 16) | (bits << 24)]),
  );
}

function inSameChunk(one: Map<number, number>, other: Map<number, number>): number {
  let same = 0;
  for (const [flow, place] of one) if (((place ^ other.get(flow)!) & 0xffff) === 0) same++;
  return same;
}

describe("the layout of the index", () => {
  const packets = Array.from({ length: FLOWS }, (_, i) => udp4(A + i, B, 1024 + i, 53));
  const layoutFor = async (hashSeed: Uint8Array) => {
    const harness = await createHarness({ eventCapacity: 0, hashSeed });
    trackAll(harness, harness.ct.createBatch(256), packets);
    return layout(harness);
  };

  it("is the same for the same seed", async () => {
    expect(await layoutFor(seedBytes(5))).toEqual(await layoutFor(seedBytes(5)));
  });

  it("is another one whichever bit of the seed differs", async () => {
    const seed = seedBytes(5);
    const base = await layoutFor(seed);
    expect(base.size).toBe(FLOWS);
    for (let bit = 0; bit < 128; bit++) {
      const other = seed.slice();
      other[bit >>> 3]! ^= 1 << (bit & 7);
      // Chance leaves three flows of 3000 in their chunk, and more than 22 with a probability of 1e-12.
      expect(inSameChunk(base, await layoutFor(other)), `bit ${bit}`).toBeLessThan(23);
    }
  });

  it("is random without a seed", async () => {
    const layouts = [];
    for (let n = 0; n < 2; n++) {
      const harness = await createHarness({ eventCapacity: 0 }, {});
      trackAll(harness, harness.ct.createBatch(256), packets);
      layouts.push(layout(harness));
    }
    expect(inSameChunk(layouts[0]!, layouts[1]!)).toBeLessThan(23);
  });
});

const anyPort = fc.integer({ min: 0, max: 0xffff });
const anyByte = fc.integer({ min: 0, max: 255 });
const address4 = fc.array(anyByte, { minLength: 4, maxLength: 4 });
/** Of the kind that may be source and destination of packets that cross a link. */
const address6 = fc
  .array(anyByte, { minLength: 16, maxLength: 16 })
  .filter((bytes) => bytes[0] !== 255 && bytes.some((byte, i) => i < 15 && byte !== 0));
const ends = fc.oneof(
  fc.tuple(address4, address4),
  fc.tuple(address6, address6),
  // Ends that are one, or next to it.
  fc.oneof(address4, address6).map((one) => [one, one] as const),
  fc.tuple(address6, anyByte).map(([one, byte]) => [one, [...one.slice(0, 15), byte]] as const),
  fc.tuple(address6, anyByte).map(([one, byte]) => [one, [one[0]!, byte, ...one.slice(2)]] as const),
);

type Pair = readonly [packet: Uint8Array, answer: Uint8Array];
type Ends = readonly [Address, Address];

const withPorts = fc
  .tuple(
    ends,
    fc.oneof(
      fc.tuple(anyPort, anyPort),
      anyPort.map((port) => [port, port] as const),
    ),
  )
  .chain(([[a, b], [p, q]]: [Ends, readonly [number, number]]) =>
    fc.constantFrom<Pair>(
      [udpPacket(a, b, p, q), udpPacket(b, a, q, p)],
      [
        tcpPacket(a, b, { sport: p, dport: q, flags: SYN, seq: 1 }),
        tcpPacket(b, a, { sport: q, dport: p, flags: SYN | ACK, seq: 7, ack: 2 }),
      ],
    ),
  );
const queries = fc
  .tuple(ends, anyPort, fc.constantFrom(8, 13, 15, 17), fc.constantFrom(128, 139))
  .map<Pair>(([[a, b], id, type4, type6]: [Ends, number, number, number]) => {
    const type = a.length === 16 ? type6 : type4;
    const answer = type === 8 ? 0 : type + 1;
    return [icmpPacket(a, b, type, 0, id << 16), icmpPacket(b, a, answer, 0, id << 16)];
  });
const withoutIds = ends.map<Pair>(([a, b]: Ends) => [ipPacket(a, b, OSPF, [2]), ipPacket(b, a, OSPF, [2])]);

describe("a flow's two directions", () => {
  it("are found under one entry", async () => {
    const harness = await createHarness({ eventCapacity: 0 });
    const property = fc.property(fc.oneof(withPorts, queries, withoutIds), ([packet, answer]) => {
      harness.ct.flush();
      expect(harness.ct.track(packet, { time: TIME }).ctState).toBe("NEW");
      const result = harness.ct.track(answer, { time: TIME });
      expect([result.ctState, result.direction]).toEqual(["ESTABLISHED", "reply"]);
      expect(harness.engine.call.countEntries()).toBe(1);
      checkTable(harness);
    });
    fc.assert(property, { seed: 20_252, numRuns: 5000 });
  });
});
