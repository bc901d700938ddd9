import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CaptureError, type CaptureSource, readCaptureChunks } from "../../../src/pcap/index.js";
import { concat, pcapParts, samplePacket, samplePackets } from "./capture-bytes.js";
import { chunked, collect, collectAll, expected, seededRandom } from "./collect.js";
import { BlockBuilder } from "./pcapng-bytes.js";

const packets = samplePackets([60, 0, 1, 1514, 77]);
const bytes = concat(pcapParts(packets));
const whole = expected(packets);

/** Larger than any buffer on the way, and does not compress well. */
const random = seededRandom(7);
const many = Array.from({ length: 3000 }, (_, i) => {
  const packet = samplePacket(i, 200 + (i % 7) * 30);
  return { ...packet, bytes: packet.bytes.map(() => random(256)) };
});
const large = concat(pcapParts(many));
const times = many.map(({ microseconds }) => Number(microseconds) / 1000);

const gzip = (data: Uint8Array) => new Uint8Array(gzipSync(data));

/** Times are enough to tell the large packets apart. */
async function timesOf(source: CaptureSource): Promise<{ times: number[]; error: unknown }> {
  const read: number[] = [];
  try {
    for await (const batch of readCaptureChunks(source)) read.push(...batch.times.subarray(0, batch.count));
  } catch (error) {
    return { times: read, error };
  }
  return { times: read, error: undefined };
}

describe("capture sources", () => {
  it("may be an array, a blob, a web stream, a Node stream or a generator", async () => {
    expect(await collectAll(bytes)).toEqual(whole);
    expect(await collectAll(Buffer.from(bytes))).toEqual(whole);
    expect(await collectAll(new Blob([bytes]))).toEqual(whole);
    expect(await collectAll(new Blob([bytes]).stream())).toEqual(whole);
    expect(await collectAll(Readable.from([Buffer.from(bytes)]))).toEqual(whole);
    expect(await collectAll(chunked(bytes, () => 100))).toEqual(whole);
  });

  it("may be a web stream that cannot be iterated", async () => {
    const reader = new Blob([bytes]).stream().getReader();
    const stream = { getReader: () => reader } as unknown as ReadableStream<Uint8Array>;
    expect(await collectAll(stream)).toEqual(whole);
  });

  it("may be Node's standard input, as far as types go", () => {
    const accepts = (source: CaptureSource) => source;
    expect(accepts(process.stdin)).toBe(process.stdin);
  });

  it("give packets of their own memory", async () => {
    const reused = Buffer.from(bytes);
    const read = await collectAll(reused);
    reused.fill(0);
    expect(read).toEqual(whole);
    expect(Object.getPrototypeOf(read[0]?.bytes)).toBe(Uint8Array.prototype);
  });

  it("are refused if they are of another kind", async () => {
    for (const source of ["capture.pcap", null, undefined, 1, {}, new ArrayBuffer(8), [bytes]]) {
      const { error } = await collect(source as unknown as CaptureSource);
      expect(error).toMatchObject({ code: "CT_BAD_OPTION" });
      expect(String(error)).toMatch(
        /expected a capture as .*, got (String|Null|Undefined|Number|Object|Array)/,
      );
    }
  });

  it("are refused if their chunks are of another kind", async () => {
    const strings = Readable.from(["text", "chunks"]);
    const { error } = await collect(strings);
    expect(error).toMatchObject({ code: "CT_BAD_OPTION" });
    expect(String(error)).toContain("whose chunks are Uint8Array, got String");
    expect(strings.destroyed).toBe(true);
  });

  it("pass on their own errors, after the packets", async () => {
    const failure = new Error("disk on fire");
    for (const data of [bytes, gzip(bytes), gzip(bytes).subarray(0, -1)]) {
      async function* failing() {
        yield data;
        throw failure;
      }
      expect(await collect(failing())).toEqual({ packets: whole, error: failure });
    }
  });

  it("are closed when the reader stops early or the capture is damaged", async () => {
    const damaged = bytes.slice();
    new DataView(damaged.buffer).setUint32(32, 0xffffffff, true);
    for (const data of [bytes, gzip(bytes), damaged, gzip(damaged)]) {
      const stream = new Readable({
        read() {
          this.push(data);
        },
      });
      let cancelled = false;
      const web = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(data.slice()),
        cancel: () => {
          cancelled = true;
        },
      });
      for (const source of [stream, web]) {
        try {
          for await (const _ of readCaptureChunks(source)) break;
        } catch (error) {
          expect(error).toBeInstanceOf(CaptureError);
        }
      }
      expect(stream.destroyed).toBe(true);
      expect(cancelled).toBe(true);
    }
  });
});

describe("gzip", () => {
  it("is recognised and unpacked, in chunks of any size", async () => {
    const packed = gzip(bytes);
    expect(await collectAll(packed)).toEqual(whole);
    for (const size of [1, 2, 3, 100, packed.length - 1]) {
      expect(await collectAll(chunked(packed, () => size)), `chunks of ${size}`).toEqual(whole);
    }
    expect(await timesOf(gzip(large))).toEqual({ times, error: undefined });
    expect(await timesOf(chunked(gzip(large), () => 10_000))).toEqual({ times, error: undefined });
  });

  it("may expand a lot", async () => {
    const zeros = { ...samplePacket(0, 0), bytes: new Uint8Array(200_000) };
    const read = await timesOf(gzip(concat(pcapParts(new Array(100).fill(zeros)))));
    expect(read.times).toHaveLength(100);
    expect(read.error).toBeUndefined();
  });

  it("may have several members", async () => {
    const third = Math.floor(large.length / 3);
    const members = [large.subarray(0, third), large.subarray(third, 2 * third), large.subarray(2 * third)];
    expect(await timesOf(concat(members.map(gzip)))).toEqual({ times, error: undefined });
    const empty = gzip(new Uint8Array(0));
    const small = concat([gzip(bytes.subarray(0, 30)), empty, empty, gzip(bytes.subarray(30)), empty]);
    for (const size of [1, 7, 1000]) {
      expect(await collectAll(chunked(small, () => size))).toEqual(whole);
    }
    const section = new BlockBuilder();
    const file = concat([section.section(), section.interface(1), section.enhanced(0, 1000n, packets[0]!)]);
    expect(await collectAll(concat([gzip(file), gzip(file)]))).toHaveLength(2);
  });

  describe("on a platform that reads one member only", () => {
    afterEach(() => vi.unstubAllGlobals());

    /** Unpacks a member when it is complete; whatever follows is an error at once, as the standard has it. */
    function stubStrict(members: readonly Uint8Array[]): void {
      const lengths = members.map((member) => member.length);
      vi.stubGlobal("DecompressionStream", function strict() {
        const length = lengths.shift()!;
        let seen = new Uint8Array(0);
        return new TransformStream<Uint8Array, Uint8Array>(
          {
            transform(chunk, controller) {
              const complete = seen.length >= length;
              seen = concat([seen, chunk]);
              if (!complete && seen.length >= length) {
                const contents = new Uint8Array(gunzipSync(seen.subarray(0, length)));
                const half = contents.length >> 1;
                controller.enqueue(contents.subarray(0, half));
                controller.enqueue(contents.subarray(half));
              }
              if (seen.length > length) controller.error(new TypeError("junk"));
            },
            flush(controller) {
              if (seen.length < length) controller.error(new TypeError("cut off"));
            },
          },
          undefined,
          { highWaterMark: 0 },
        );
      });
    }

    it("may have several members", async () => {
      const cuts = [0, 100_000, 100_000, 100_001, 300_000, large.length];
      const members = cuts.slice(1).map((end, i) => gzip(large.subarray(cuts[i], end)));
      for (const size of [999, 50_000, 10_000_000]) {
        stubStrict(members);
        const read = await timesOf(chunked(concat(members), () => size));
        expect(read, `chunks of ${size}`).toEqual({ times, error: undefined });
      }
    });

    it("may have members of equal contents", async () => {
      const b = new BlockBuilder();
      const file = gzip(concat([b.section(), b.interface(1), b.enhanced(0, 1000n, packets[0]!)]));
      const members = new Array<Uint8Array>(20).fill(file);
      stubStrict(members);
      expect(await collectAll(concat(members))).toHaveLength(20);
    });

    it("gives all packets, then an error if something else follows", async () => {
      stubStrict([gzip(large)]);
      const { times: read, error } = await timesOf(concat([gzip(large), Uint8Array.of(0x1f, 0x8b, 7)]));
      expect(read).toEqual(times);
      expect(String(error)).toContain("decompressed bytes: junk");
    });
  });

  it("that is cut off gives what was there, then an error", async () => {
    const packed = gzip(large);
    for (const part of [0.1, 0.5, 0.9, 0.999]) {
      const cut = Math.floor(packed.length * part);
      const { times: read, error } = await timesOf(packed.subarray(0, cut));
      // The contents hardly compress: as much of them is there as of the file.
      expect(read.length).toBeGreaterThan(many.length * part - 200);
      expect(read).toEqual(times.slice(0, read.length));
      expect(error).toBeInstanceOf(CaptureError);
      expect(error).toMatchObject({ packetsRead: read.length });
      expect(String(error)).toMatch(/the gzip data is damaged or cut off after \d+ decompressed bytes: \S/);
    }
  });

  it("that is cut off anywhere is reported, with the packets in front", async () => {
    const packed = gzip(bytes);
    for (let cut = 2; cut < packed.length; cut += 7) {
      const { packets: read, error } = await collect(packed.subarray(0, cut));
      expect(read).toEqual(whole.slice(0, read.length));
      expect(error, `cut at ${cut}`).toBeInstanceOf(CaptureError);
    }
    const { packets: read } = await collect(packed.subarray(0, packed.length - 1));
    expect(read).toEqual(whole);
  });

  it("with a wrong checksum or length gives all packets, then an error", async () => {
    for (const data of [bytes, large]) {
      for (const fromEnd of [1, 8]) {
        const packed = gzip(data);
        packed[packed.length - fromEnd]! ^= 1;
        const { times: read, error } = await timesOf(packed);
        expect(read).toEqual(data === large ? times : whole.map((packet) => packet.time));
        expect(error).toBeInstanceOf(CaptureError);
        expect(error).toMatchObject({ offset: data.length, packetsRead: read.length });
      }
    }
  });

  it("that is damaged in the middle gives the packets in front", async () => {
    const packed = gzip(large);
    const middle = packed.length >> 1;
    packed.fill(0xff, middle, middle + 100);
    const { times: read, error } = await timesOf(packed);
    expect(read.length).toBeGreaterThan(many.length / 2 - 200);
    expect(error).toBeInstanceOf(CaptureError);
  });

  it("followed by something else gives an error, and not the packets twice", async () => {
    const { times: read, error } = await timesOf(concat([gzip(large), new TextEncoder().encode("garbage")]));
    expect(read.length).toBeGreaterThan(many.length - 200);
    expect(error).toBeInstanceOf(CaptureError);
  });

  it("reads on behind a consumer that is slow", async () => {
    const packed = gzip(large);
    packed[packed.length - 8]! ^= 1;
    let read = 0;
    await expect(async () => {
      for await (const batch of readCaptureChunks(packed)) {
        read += batch.count;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }).rejects.toThrow(CaptureError);
    expect(read).toBe(many.length);
  });

  it("of something else is no capture", async () => {
    const { error } = await collect(gzip(new TextEncoder().encode("hello")));
    expect(String(error)).toContain("not a capture, it starts 68 65 6c 6c");
    const empty = await collect(gzip(new Uint8Array(0)));
    expect(String(empty.error)).toContain("the input is empty");
  });
});
