import { describe, expect, it } from "vitest";
import { concat, samplePacket, samplePackets } from "./capture-bytes.js";
import { chunked, collect, collectAll, expected } from "./collect.js";
import { BlockBuilder, type Option } from "./pcapng-bytes.js";

const packets = samplePackets([60, 0, 1, 1514, 77, 42]);
const [first] = packets as [(typeof packets)[0]];

const le = new BlockBuilder(true);
const be = new BlockBuilder(false);

/** The time read of a packet stamped `ticks` on an interface with these options. */
async function timeWith(options: readonly Option[], ticks: bigint, b = le): Promise<number | undefined> {
  const file = [b.section(), b.interface(1, 0, b.options(options)), b.enhanced(0, ticks, first)];
  return (await collectAll(concat(file)))[0]?.time;
}

describe("pcapng", () => {
  for (const [order, b] of [
    ["little-endian", le],
    ["big-endian", be],
  ] as const) {
    it(`reads enhanced and obsolete packet blocks, ${order}`, async () => {
      const comment = b.options([[1, new TextEncoder().encode("a comment")]]);
      const file = [b.section([[4, [65, 66, 67]]]), b.interface(1)];
      for (const [i, packet] of packets.entries()) {
        if (i % 2 === 0) file.push(b.enhanced(0, packet.microseconds, packet, i === 4 ? comment : undefined));
        else file.push(b.obsolete(0, packet.microseconds, packet));
      }
      expect(await collectAll(concat(file))).toEqual(expected(packets));
    });
  }

  it("cuts simple packets to the snap length and repeats the time before them", async () => {
    const whole = { ...samplePacket(1, 60), wireLength: 60 };
    const cut = { ...samplePacket(2, 96), wireLength: 1500 };
    const file = [le.section(), le.interface(1, 96), le.simple(whole)];
    file.push(le.enhanced(0, first.microseconds, first), le.simple(cut));
    const read = await collectAll(concat(file));
    expect(read.map((p) => p.time)).toEqual([0, 1_700_000_000_000, 1_700_000_000_000]);
    expect(read[0]).toMatchObject({ bytes: whole.bytes, wireLength: 60 });
    expect(read[2]).toMatchObject({ bytes: cut.bytes, wireLength: 1500 });
  });

  it("takes simple packets whole if there is no snap length", async () => {
    const packet = { ...samplePacket(1, 1000), wireLength: 1000 };
    const read = await collectAll(concat([le.section(), le.interface(1, 0), le.simple(packet)]));
    expect(read[0]?.bytes).toEqual(packet.bytes);
  });

  it("keeps the link types of several interfaces apart, known or not", async () => {
    const file = [le.section(), le.interface(1), le.interface(276), le.enhanced(1, 1000n, first)];
    file.push(le.interface(65535), le.enhanced(2, 2000n, first), le.enhanced(0, 3000n, first));
    const read = await collectAll(concat(file));
    expect(read.map((p) => [p.linkType, p.time])).toEqual([
      [276, 1],
      [65535, 2],
      [1, 3],
    ]);
  });

  it("reads sections of different byte orders, each with its own interfaces", async () => {
    const file = [le.section(), le.interface(1), le.enhanced(0, 1000n, first)];
    file.push(be.section(), be.interface(101), be.enhanced(0, 2000n, first));
    file.push(le.section(), le.interface(228), le.enhanced(0, 3000n, first));
    const read = await collectAll(concat(file));
    expect(read.map((p) => [p.linkType, p.time, p.index])).toEqual([
      [1, 1, 0],
      [101, 2, 1],
      [228, 3, 2],
    ]);
  });

  it("forgets the interfaces of the section before", async () => {
    const file = [le.section(), le.interface(1), be.section(), be.enhanced(0, 1n, first)];
    const { error } = await collect(concat(file));
    expect(String(error)).toContain("refers to interface 0, but its section describes 0");
  });

  it("passes over other blocks of any size", async () => {
    const file = [le.section(), le.block(4, new Uint8Array(100)), le.interface(1)];
    file.push(le.block(0x80000001, new Uint8Array(0)), le.block(0xbad, new Uint8Array(40_000_000)));
    file.push(le.enhanced(0, 1000n, first));
    const bytes = concat(file);
    expect(await collectAll(bytes)).toHaveLength(1);
    expect(await collectAll(chunked(bytes, () => 65_536))).toHaveLength(1);
  });
});

describe("pcapng timestamps", () => {
  it("are microseconds unless said otherwise", async () => {
    expect(await timeWith([], 1_700_000_000_123_456n)).toBe(1_700_000_000_123.456);
    expect(await timeWith([], 1_700_000_000_123_456n, be)).toBe(1_700_000_000_123.456);
  });

  it("come in any power of ten", async () => {
    for (let exponent = 0; exponent <= 9; exponent++) {
      // 0.5 s would not be a whole number of ticks at exponent 0.
      const ticks = exponent === 0 ? 1_700_000_001n : 17_000_000_005n * 10n ** BigInt(exponent - 1);
      const seconds = exponent === 0 ? 1_700_000_001 : 1_700_000_000.5;
      expect(await timeWith([[9, [exponent]]], ticks)).toBe(seconds * 1000);
    }
    expect(await timeWith([[9, [12]]], 1_234_567_890_123n)).toBeCloseTo(1234.567890123, 9);
    expect(await timeWith([[9, [19]]], 10n ** 19n)).toBe(1000);
  });

  it("come in powers of two", async () => {
    for (const exponent of [0, 1, 10, 20, 30, 32, 33]) {
      const ticks = (1_700_000_000n << BigInt(exponent)) + (exponent === 0 ? 0n : 1n << BigInt(exponent - 1));
      const time = 1_700_000_000_000 + (exponent === 0 ? 0 : 500);
      expect(await timeWith([[9, [0x80 | exponent]]], ticks)).toBe(time);
    }
    expect(await timeWith([[9, [0xbf]]], 1n << 63n)).toBe(1000);
  });

  it("are exact in nanoseconds, on both sides of a second", async () => {
    const start = 1_700_000_000n * 1_000_000_000n;
    for (let i = 0n; i < 400n; i++) {
      const nanoseconds = 999_999_900n + i + (i % 8n) * 4_294_967_296n;
      const seconds = 1_700_000_000 + Number(nanoseconds / 1_000_000_000n);
      const rest = Number(nanoseconds % 1_000_000_000n);
      expect(await timeWith([[9, [9]]], start + nanoseconds)).toBe(seconds * 1000 + rest / 1e6);
    }
  });

  it("are moved by if_tsoffset, either way", async () => {
    const offset = (seconds: bigint, b: BlockBuilder): Option => [14, b.bytes().integer(seconds, 8).bytes()];
    expect(await timeWith([offset(1_700_000_000n, le)], 5_000n)).toBe(1_700_000_000_005);
    expect(await timeWith([offset(-2n, be)], 5_000_000n, be)).toBe(3000);
  });

  it("are per interface", async () => {
    const file = [le.section(), le.interface(1, 0, le.options([[9, [3]]])), le.interface(1)];
    file.push(le.enhanced(0, 7n, first), le.enhanced(1, 7n, first));
    expect((await collectAll(concat(file))).map((p) => p.time)).toEqual([7, 0.007]);
  });
});

describe("pcapng interface options", () => {
  it("may end without an end marker, and hold unknown ones", async () => {
    const named: Option = [2, new TextEncoder().encode("wlan0")];
    for (const options of [
      le.options([named, [9, [3]]], false),
      le.options([named, [9, [3]], [40_000, [1]]]),
    ]) {
      const file = [le.section(), le.interface(1, 0, options), le.enhanced(0, 7n, first)];
      expect((await collectAll(concat(file)))[0]?.time).toBe(7);
    }
  });

  it("are not read behind the end marker", async () => {
    const options = concat([le.options([]), le.bytes().u16(9).u16(60_000).bytes()]);
    const file = [le.section(), le.interface(1, 0, options), le.enhanced(0, 1000n, first)];
    expect((await collectAll(concat(file)))[0]?.time).toBe(1);
  });

  for (const [what, options, message] of [
    [
      "a length beyond the block",
      le.bytes().u16(2).u16(9).u32(0).bytes(),
      "option 2 says 9 bytes, 4 are left",
    ],
    ["the largest length", le.bytes().u16(9).u16(65535).bytes(), "option 9 says 65535 bytes, 0 are left"],
    ["a long if_tsresol", le.options([[9, [6, 0]]]), "if_tsresol says 2 bytes"],
    ["an empty if_tsresol", le.options([[9, []]]), "if_tsresol says 0 bytes"],
    ["a short if_tsoffset", le.options([[14, [1, 2, 3, 4]]]), "if_tsoffset says 4 bytes"],
    ["a resolution beyond 64 bits", le.options([[9, [20]]]), "if_tsresol 0x14 is finer"],
    ["a binary resolution beyond 64 bits", le.options([[9, [0xc0]]]), "if_tsresol 0xc0 is finer"],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      const file = [le.section(), le.interface(1), le.enhanced(0, 1n, first), le.interface(1, 0, options)];
      const { packets: read, error } = await collect(concat(file));
      expect(read).toHaveLength(1);
      const offset = concat(file.slice(0, 3)).length;
      expect(error).toMatchObject({ code: "CT_BAD_CAPTURE", offset, packetsRead: 1 });
      expect(String(error)).toContain(message);
    });
  }

  it("are limited in number of interfaces and in size", async () => {
    const many = concat([le.section(), ...new Array<Uint8Array>(65_537).fill(le.interface(1))]);
    expect(String((await collect(many)).error)).toContain("describes interface number 65536");
    const big = concat([le.section(), le.interface(1, 0, new Uint8Array(2_000_000))]);
    expect(String((await collect(big)).error)).toContain("says it is 2000020 bytes long");
  });
});

describe("damaged pcapng blocks", () => {
  const head = [le.section(), le.interface(1, 65535), le.enhanced(0, 1000n, first)];
  const offset = concat(head).length;
  const set = (block: Uint8Array, at: number, value: number) => {
    const changed = block.slice();
    new DataView(changed.buffer).setUint32(at, value, true);
    return changed;
  };
  const enhanced = le.enhanced(0, 2000n, first);
  const simple = le.simple({ ...first, wireLength: 60 });
  const unknown = le.block(0xbad, new Uint8Array(8));
  const section = le.section();

  for (const [what, block, message] of [
    ["a length that is too small", set(enhanced, 4, 28), "says it is 28 bytes long"],
    ["a length of 0", set(enhanced, 4, 0), "says it is 0 bytes long"],
    ["a length that is no multiple of 4", set(enhanced, 4, 93), "says it is 93 bytes long"],
    ["a length beyond all packets", set(enhanced, 4, 0xfffffffc), "says it is 4294967292 bytes long"],
    ["different lengths at both ends", set(enhanced, 88, 96), "says it is 92 bytes long, and 96 at its end"],
    [
      "an interface that is not there",
      set(enhanced, 8, 1),
      "refers to interface 1, but its section describes 1",
    ],
    ["a huge interface number", set(enhanced, 8, 0xffffffff), "refers to interface 4294967295"],
    ["more captured bytes than it has", set(enhanced, 20, 61), "says 61 captured bytes, more than the 60"],
    ["the largest captured length", set(enhanced, 20, 0xffffffff), "says 4294967295 captured bytes"],
    ["a simple packet longer than its block", set(simple, 8, 64), "says 64 captured bytes, more than the 60"],
    ["a simple packet with a bad end", set(simple, 72, 0), "says it is 76 bytes long, and 0 at its end"],
    ["an unknown block of length 8", set(unknown, 4, 8), "says it is 8 bytes long"],
    ["an unknown block with a bad end", set(unknown, 16, 24), "says it is 20 bytes long, and 24 at its end"],
    ["a section without byte-order magic", set(section, 8, 0), "starts a section without a byte-order magic"],
    ["a section of another version", le.section([], 2), "has pcapng version 2.0"],
    ["a short section header", set(section, 4, 24), "says it is 24 bytes long"],
    ["a bad end of a section header", set(section, 24, 32), "says it is 28 bytes long, and 32 at its end"],
  ] as const) {
    it(`are reported: ${what}`, async () => {
      const bytes = concat([...head, block, enhanced]);
      for (const source of [bytes, chunked(bytes, () => 1), chunked(bytes, () => 5)]) {
        const { packets: read, error } = await collect(source);
        expect(read).toHaveLength(1);
        expect(error).toMatchObject({ code: "CT_BAD_CAPTURE", offset, packetsRead: 1 });
        expect(String(error)).toContain(`block at offset ${offset} ${message}`);
      }
    });
  }

  it("limits captured bytes by snap length, as in pcap", async () => {
    const big = samplePacket(0, 262_148);
    const limited = [le.section(), le.interface(1, 96), le.enhanced(0, 1n, big)];
    expect(String((await collect(concat(limited))).error)).toContain("says 262148 captured bytes");
    const allowed = [le.section(), le.interface(1, 300_000), le.enhanced(0, 1n, big)];
    expect((await collectAll(concat(allowed)))[0]?.bytes).toEqual(big.bytes);
  });

  it("are reported however long their options say they are", async () => {
    const bytes = concat([
      le.section(),
      le.interface(1),
      set(enhanced, 4, 17 * 2 ** 20),
      new Uint8Array(18 * 2 ** 20),
    ]);
    new DataView(bytes.buffer).setUint32(48 + 17 * 2 ** 20 - 4, 17 * 2 ** 20, true);
    for (const source of [bytes, chunked(bytes, () => 2 ** 20)]) {
      expect(String((await collect(source)).error)).toContain(
        "block at offset 48 says it is 17825792 bytes long",
      );
    }
  });

  it("are reported if their length is odd at both ends", async () => {
    const odd = concat([enhanced.subarray(0, 88), Uint8Array.of(0, 93, 0, 0, 0)]);
    odd[4] = 93;
    const { error } = await collect(concat([...head, odd, enhanced]));
    expect(String(error)).toContain(`block at offset ${offset} says it is 93 bytes long`);
  });

  it("need an interface for simple packets", async () => {
    const { error } = await collect(concat([le.section(), simple]));
    expect(String(error)).toContain("refers to interface 0, but its section describes 0");
  });
});
