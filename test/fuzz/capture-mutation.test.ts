import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CaptureError, type CaptureSource, readCaptureChunks } from "../../src/pcap/index.js";
import { concat, pcapParts, samplePackets } from "../unit/pcap/capture-bytes.js";
import { chunked, seededRandom } from "../unit/pcap/collect.js";
import { BlockBuilder } from "../unit/pcap/pcapng-bytes.js";

const FILES = 10_000;
const SEED = 0x5eed;
/** Decompressing takes longer than everything else: one file in so many is gzipped. */
const GZIP_EVERY = 20;

const packets = samplePackets([60, 0, 1, 130, 77, 20, 90]);

/** Captures as their records or blocks. */
function originals(): Uint8Array[][] {
  const le = new BlockBuilder(true);
  const be = new BlockBuilder(false);
  const blocksOf = (b: BlockBuilder) => [
    b.section([[4, [65, 66]]]),
    b.interface(
      1,
      65535,
      b.options([
        [2, [101, 48]],
        [9, [9]],
        [14, new Uint8Array(8)],
      ]),
    ),
    b.enhanced(0, packets[0]!.microseconds, packets[0]!),
    b.interface(276, 0, b.options([[9, [0x94]]])),
    b.enhanced(1, packets[1]!.microseconds, packets[1]!, b.options([[1, [65, 66, 67]]])),
    b.block(5, new Uint8Array(40)),
    b.obsolete(0, packets[2]!.microseconds, packets[2]!),
    b.simple({ ...packets[3]!, wireLength: 130 }),
    b.enhanced(0, packets[4]!.microseconds, packets[4]!),
  ];
  return [
    pcapParts(packets),
    pcapParts(packets, { littleEndian: false, kind: "nano" }),
    pcapParts(packets, { kind: "modified", minor: 3, snapLength: 0xffffffff }),
    blocksOf(le),
    blocksOf(be),
    [...blocksOf(le), ...blocksOf(be), ...blocksOf(le)],
  ];
}

/** Lengths and magic numbers that headers trip over. */
const NASTY = [
  0, 1, 3, 4, 7, 8, 11, 12, 15, 16, 24, 28, 31, 32, 60, 61, 62, 63, 64, 0x7f, 0x80, 0xff, 0x100, 0xffff,
  0x10000, 262_144, 262_145, 0xffffff, 0x1000000, 0x1000001, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffc,
  0xffffffff, 0x0a0d0d0a, 0x1a2b3c4d, 0xa1b2c3d4,
];

type Random = (below: number) => number;
const mutations: ((bytes: Uint8Array<ArrayBuffer>, random: Random) => Uint8Array<ArrayBuffer>)[] = [
  function flipBits(bytes, random) {
    for (let n = 1 + random(8); n > 0; n--) bytes[random(bytes.length)]! ^= 1 << random(8);
    return bytes;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random(bytes.length + 1));
  },
  function attackField(bytes, random) {
    // Fields are at multiples of 4 in pcapng, and anywhere in pcap.
    const at = random(2) === 0 ? random(bytes.length >> 2) * 4 : random(bytes.length);
    if (at + 4 <= bytes.length) {
      const value = NASTY[random(NASTY.length)]!;
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, random(2) === 0);
    }
    return bytes;
  },
  function removePiece(bytes, random) {
    const start = random(bytes.length);
    const end = start + 1 + random(40);
    return concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  function repeatPiece(bytes, random) {
    const start = random(bytes.length);
    const end = start + random(200);
    return concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  function insertNoise(bytes, random) {
    const at = random(bytes.length);
    const noise = Uint8Array.from({ length: 1 + random(64) }, () => random(256));
    return concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
];

/** Moves whole records or blocks about. */
function shuffled(parts: readonly Uint8Array[], random: Random): Uint8Array[] {
  const mixed = [...parts];
  for (let n = 1 + random(4); n > 0; n--) {
    const taken = mixed.splice(random(mixed.length), 1);
    if (random(4) > 0) mixed.splice(random(mixed.length + 1), 0, ...taken);
    if (random(4) === 0) mixed.splice(random(mixed.length + 1), 0, ...taken);
  }
  return mixed;
}

interface Reading {
  /** Everything there is to know about each packet, as text. */
  packets: string[];
  error: string;
}

/** Reads it all, checking what holds for any input. */
async function examine(source: CaptureSource, size: number): Promise<Reading> {
  const read: string[] = [];
  let total = 0;
  try {
    for await (const batch of readCaptureChunks(source)) {
      expect(batch.count).toBeGreaterThan(0);
      for (let i = 0; i < batch.count; i++) {
        const start = batch.offsets[i]!;
        const end = start + batch.lengths[i]!;
        if (end > batch.bytes.length) throw new Error(`packet ${read.length} reaches to ${end}`);
        if (!Number.isFinite(batch.times[i]))
          throw new Error(`packet ${read.length} is at ${batch.times[i]}`);
        total += end - start;
        const what = [batch.times[i], batch.wireLengths[i], batch.linkTypes[i]];
        read.push(`${what} ${batch.bytes.subarray(start, end)}`);
      }
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    expect(error.packetsRead).toBe(read.length);
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(size);
    expect(total).toBeLessThanOrEqual(size);
    return { packets: read, error: error.message };
  }
  expect(total).toBeLessThanOrEqual(size);
  return { packets: read, error: "" };
}

describe("mutated captures", () => {
  it(`${FILES} of them give packets, then an end or a CaptureError, however they are chunked`, async () => {
    const random = seededRandom(SEED);
    const samples = originals();
    const memoryBefore = process.memoryUsage().arrayBuffers;
    let mostMemory = 0;
    let intact = 0;
    let damaged = 0;
    for (let n = 0; n < FILES; n++) {
      const sample = samples[random(samples.length)]!;
      let bytes = concat(random(4) === 0 ? shuffled(sample, random) : sample);
      for (let m = random(4); m > 0 && bytes.length > 0; m--) {
        bytes = mutations[random(mutations.length)]!(bytes, random);
      }
      if (n % GZIP_EVERY === 0) {
        let packed = new Uint8Array(gzipSync(bytes));
        if (random(4) > 0) packed = mutations[random(mutations.length)]!(packed, random);
        // What damaged gzip data expands to has no close bound.
        await examine(
          chunked(packed, () => 1 + random(100)),
          1 << 20,
        );
        continue;
      }
      const whole = await examine(bytes, bytes.length);
      const most = 1 + random(64);
      const pieces = await examine(
        chunked(bytes, () => 1 + random(most)),
        bytes.length,
      );
      expect(pieces, `file ${n} of seed ${SEED}`).toEqual(whole);
      if (whole.error === "") intact++;
      else damaged++;
      mostMemory = Math.max(mostMemory, process.memoryUsage().arrayBuffers - memoryBefore);
    }
    // Both ends are reached often enough for the run to mean something.
    expect(intact).toBeGreaterThan(FILES / 20);
    expect(damaged).toBeGreaterThan(FILES / 4);
    expect(mostMemory).toBeLessThan(128 * 1024 * 1024);
  }, 60_000);
});
