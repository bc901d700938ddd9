import { describe, expect, it } from "vitest";
import { CaptureError, isKnownLinkType, LinkType } from "../../../src/pcap/index.js";
import { concat, type PcapShape, pcapParts, samplePackets } from "./capture-bytes.js";
import { collect, collectAll, expected } from "./collect.js";

const packets = samplePackets([60, 0, 1, 1514, 77]);

const pcap = (shape: PcapShape) => concat(pcapParts(packets, shape));

describe("classic pcap", () => {
  for (const littleEndian of [true, false]) {
    for (const kind of ["micro", "nano", "modified"] as const) {
      it(`reads ${kind} records, ${littleEndian ? "little" : "big"}-endian`, async () => {
        expect(await collectAll(pcap({ littleEndian, kind }))).toEqual(expected(packets));
      });
    }
  }

  it("keeps nanoseconds as far as an f64 does", async () => {
    const bytes = pcap({ kind: "nano" });
    new DataView(bytes.buffer).setUint32(24, 1_700_000_000, true);
    new DataView(bytes.buffer).setUint32(28, 123_456_789, true);
    const [first] = await collectAll(bytes);
    expect(first?.time).toBe(1_700_000_000_123.4568);
  });

  it("reads times up to the year 2106", async () => {
    const late = { ...packets[0]!, microseconds: 0xffff_ffffn * 1_000_000n + 999_999n };
    const [first] = await collectAll(concat(pcapParts([late])));
    expect(first?.time).toBe(4294967295999.999);
  });

  it("reads a capture without packets", async () => {
    expect(await collectAll(concat(pcapParts([])))).toEqual([]);
  });

  it("masks the frame check sequence bits off the link type", async () => {
    const read = await collectAll(pcap({ linkField: 0x24000000 | LinkType.LINUX_SLL2 }));
    expect(read).toEqual(expected(packets, 276));
  });

  it("reports link types the engine does not know", async () => {
    const read = await collectAll(pcap({ linkField: 147 }));
    expect(read).toEqual(expected(packets, 147));
    expect(isKnownLinkType(147)).toBe(false);
    expect(isKnownLinkType(LinkType.RAW)).toBe(true);
  });

  it("refuses a link type field with reserved bits", async () => {
    const { error } = await collect(pcap({ linkField: 0x00010001 }));
    expect(error).toMatchObject({ code: "CT_BAD_CAPTURE", offset: 20, packetsRead: 0 });
    expect(String(error)).toContain("0x00010001 has reserved bits set");
  });

  it("refuses other versions", async () => {
    for (const [major, minor] of [
      [1, 4],
      [2, 5],
      [3, 0],
      [0, 0],
    ] as const) {
      const { error } = await collect(pcap({ major, minor }));
      expect(error).toMatchObject({ offset: 4, packetsRead: 0 });
      expect(String(error)).toContain(`pcap version ${major}.${minor} is not supported`);
    }
  });

  it("takes the smaller length as the captured one before version 2.4", async () => {
    const bytes = concat(pcapParts([packets[0]!], { minor: 2 }));
    const view = new DataView(bytes.buffer);
    view.setUint32(32, 90, true);
    view.setUint32(36, 60, true);
    const [first] = await collectAll(bytes);
    expect(first).toMatchObject({ wireLength: 90, bytes: packets[0]!.bytes });
  });

  it("passes on a wire length below the captured one", async () => {
    const odd = { ...packets[3]!, wireLength: 10 };
    const [first] = await collectAll(concat(pcapParts([odd])));
    expect(first).toMatchObject({ wireLength: 10, bytes: odd.bytes });
  });
});

describe("captured lengths in classic pcap", () => {
  const withLength = (length: number, snapLength: number) => {
    const parts = pcapParts(packets, { snapLength });
    new DataView(parts[3]!.buffer).setUint32(8, length, true);
    return concat(parts);
  };

  it("names the record, its offset and the length that cannot be", async () => {
    const { packets: read, error } = await collect(withLength(99_999_999, 65535));
    expect(read).toEqual(expected(packets.slice(0, 2)));
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({
      code: "CT_BAD_CAPTURE",
      name: "CaptureError",
      offset: 116,
      packetsRead: 2,
    });
    expect(String(error)).toContain("record 3 at offset 116 says 99999999 captured bytes");
  });

  it("allows 262144 bytes whatever the snap length says", async () => {
    const big = samplePackets([262_144]);
    expect(await collectAll(concat(pcapParts(big, { snapLength: 96 })))).toEqual(expected(big));
    const { error } = await collect(withLength(262_145, 96));
    expect(String(error)).toContain("262145 captured bytes");
  });

  it("allows as much as a larger snap length says, up to 16 MiB", async () => {
    const big = samplePackets([300_000]);
    expect(await collectAll(concat(pcapParts(big, { snapLength: 300_000 })))).toEqual(expected(big));
    const { error } = await collect(withLength(16 * 1024 * 1024 + 1, 0xffffffff));
    expect(String(error)).toContain("says 16777217 captured bytes");
    const cut = await collect(withLength(16 * 1024 * 1024, 0xffffffff));
    expect(String(cut.error)).toContain("is cut off");
  });
});

describe("input that is no capture", () => {
  it("says so of empty input", async () => {
    const { error } = await collect(new Uint8Array(0));
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ offset: 0, packetsRead: 0 });
    expect(String(error)).toContain("the input is empty: expected pcap");
  });

  it("shows the first bytes of anything else", async () => {
    const page = await collect(new TextEncoder().encode("<html>"));
    expect(String(page.error)).toContain("not a capture, it starts 3c 68 74 6d: expected pcap");
    const short = await collect(Uint8Array.of(0xd4, 0xc3, 0xb2));
    expect(String(short.error)).toContain("it starts d4 c3 b2:");
  });
});
