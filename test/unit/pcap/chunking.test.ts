import { describe, expect, it } from "vitest";
import { CaptureError, readCaptureChunks } from "../../../src/pcap/index.js";
import { concat, ends, type PcapShape, pcapParts, samplePackets } from "./capture-bytes.js";
import { chunked, collect, collectAll, expected, seededRandom } from "./collect.js";
import { BlockBuilder } from "./pcapng-bytes.js";

const packets = samplePackets([60, 0, 1, 130, 77]);

/** A small capture as its records or blocks, and how many packets are whole after each. */
interface Sample {
  name: string;
  parts: Uint8Array[];
  packetsAfter: number[];
}

function pcapSample(name: string, shape: PcapShape): Sample {
  return { name, parts: pcapParts(packets, shape), packetsAfter: [0, 1, 2, 3, 4, 5] };
}

function pcapngSample(): Sample {
  const le = new BlockBuilder(true);
  const be = new BlockBuilder(false);
  const [a, b, c, d, e] = packets as [(typeof packets)[0], ...typeof packets];
  const steps: [Uint8Array, number][] = [
    [le.section([[4, [1, 2, 3]]]), 0],
    [le.interface(1, 0, le.options([[9, [6]]])), 0],
    [le.enhanced(0, a.microseconds, a), 1],
    [le.block(5, new Uint8Array(33)), 1],
    [le.obsolete(0, b!.microseconds, b!), 2],
    [be.section(), 2],
    [be.block(0x0bad, new Uint8Array(0)), 2],
    [be.interface(1), 2],
    [be.enhanced(0, c!.microseconds, c!, be.options([[1, [65]]])), 3],
    [be.enhanced(0, d!.microseconds, d!), 4],
    [be.enhanced(0, e!.microseconds, e!), 5],
    [be.block(5, new Uint8Array(4)), 5],
  ];
  return { name: "pcapng", parts: steps.map(([part]) => part), packetsAfter: steps.map(([, n]) => n) };
}

const samples = [
  pcapSample("pcap", {}),
  pcapSample("big-endian nanosecond pcap", { littleEndian: false, kind: "nano" }),
  pcapSample("modified pcap", { kind: "modified" }),
  pcapngSample(),
];

describe.each(samples)("$name", ({ parts, packetsAfter }) => {
  const bytes = concat(parts);
  const whole = expected(packets);

  it("reads the same in two chunks, wherever the cut is", async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      async function* halves() {
        yield bytes.slice(0, cut);
        yield bytes.slice(cut);
      }
      expect(await collectAll(halves()), `cut at ${cut}`).toEqual(whole);
    }
  });

  it("reads the same in chunks of any one size", async () => {
    for (let size = 1; size <= 200; size++) {
      expect(await collectAll(chunked(bytes, () => size)), `chunks of ${size}`).toEqual(whole);
    }
  });

  it("reads the same in random chunks, empty ones among them", async () => {
    const random = seededRandom(20_240_501);
    for (let round = 0; round < 300; round++) {
      const most = 1 + random(150);
      expect(await collectAll(chunked(bytes, () => random(most + 1))), `round ${round}`).toEqual(whole);
    }
  });

  it("yields everything in front of a cut, then says where the cut record starts", async () => {
    const boundaries = ends(parts);
    for (let cut = 1; cut < bytes.length; cut++) {
      const done = boundaries.filter((end) => end <= cut).length;
      const complete = done === 0 ? 0 : packetsAfter[done - 1]!;
      for (const source of [bytes.subarray(0, cut), chunked(bytes.subarray(0, cut), () => 7)]) {
        const { packets: read, error } = await collect(source);
        expect(read, `cut at ${cut}`).toEqual(whole.slice(0, complete));
        if (boundaries.includes(cut)) {
          expect(error, `cut at ${cut}`).toBeUndefined();
        } else {
          expect(error, `cut at ${cut}`).toBeInstanceOf(CaptureError);
          const offset = done === 0 ? 0 : boundaries[done - 1];
          expect(error, `cut at ${cut}`).toMatchObject({ offset, packetsRead: complete });
        }
      }
    }
  });
});

describe("cut captures", () => {
  const parts = pcapParts(packets);

  it("say what is missing", async () => {
    const inRecord = await collect(concat(parts).subarray(0, 200));
    expect(String(inRecord.error)).toContain(
      "record 4 at offset 133 is cut off: it needs 146 bytes, 67 are there",
    );
    const inHeader = await collect(parts[0]!.subarray(0, 10));
    expect(String(inHeader.error)).toContain("ends inside its file header: 10 of 24 bytes are there");
    const { parts: blocks } = pcapngSample();
    const inSkipped = await collect(concat(blocks).subarray(0, ends(blocks)[3]! - 10));
    expect(String(inSkipped.error)).toContain("block at offset 164 is cut off after 38 bytes");
  });
});

describe("batches", () => {
  const many = samplePackets(Array.from({ length: 12_000 }, (_, i) => i % 50));
  const large = concat(pcapParts(many));

  const b = new BlockBuilder();
  const blocks = many.map((packet) => b.enhanced(0, packet.microseconds, packet));
  const spacious = samplePackets(new Array<number>(2000).fill(1000));

  it.each([
    ["pcap", large, many],
    ["pcapng", concat([b.section(), b.interface(1), ...blocks]), many],
    ["pcap with larger packets", concat(pcapParts(spacious)), spacious],
  ])("of %s are bounded in packets and bytes, and in order", async (_, bytes, all) => {
    const times: number[] = [];
    for await (const batch of readCaptureChunks(bytes)) {
      expect(batch.count).toBeGreaterThan(0);
      expect(batch.count).toBeLessThanOrEqual(4096);
      expect(batch.bytes.length).toBeLessThanOrEqual(256 * 1024 + 1100);
      times.push(...batch.times.subarray(0, batch.count));
    }
    expect(times).toEqual(expected(all).map((packet) => packet.time));
  });

  it("lie in the input itself, and reuse their arrays", async () => {
    const arrays = new Set<Float64Array>();
    for await (const batch of readCaptureChunks(large)) {
      expect(batch.bytes.buffer).toBe(large.buffer);
      arrays.add(batch.times);
    }
    expect(arrays.size).toBe(1);
  });

  it("come with each chunk, not only when they are full", async () => {
    const parts = pcapParts(packets);
    let handedOut = 0;
    async function* slowly() {
      for (const part of parts) {
        handedOut++;
        yield part;
      }
    }
    let read = 0;
    for await (const batch of readCaptureChunks(slowly())) {
      read += batch.count;
      expect(handedOut).toBe(read + 1);
    }
    expect(read).toBe(5);
  });

  it("split at the span limit also where packets have no bytes or are larger than the limit", async () => {
    for (const lengths of [new Array<number>(20_000).fill(0), [200_000, 250_000, 10, 262_144, 0, 0]]) {
      const read: number[] = [];
      for await (const batch of readCaptureChunks(concat(pcapParts(samplePackets(lengths))))) {
        read.push(...batch.lengths.subarray(0, batch.count));
      }
      expect(read).toEqual(lengths);
    }
  });
});
