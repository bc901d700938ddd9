import { describe, expect, it } from "vitest";
import { LinkType, PcapWriter, writePcap } from "../../../src/pcap/index.js";
import { concat, pcapParts, samplePackets } from "./capture-bytes.js";
import { collectAll, expected } from "./collect.js";

const packets = samplePackets([60, 0, 1, 1514, 77]);

describe("writing pcap", () => {
  it("gives the bytes the format asks for", () => {
    const bytes = concat(pcapParts(packets, { snapLength: 262144 }));
    expect(writePcap(expected(packets))).toEqual(bytes);
    const nano = concat(pcapParts(packets, { kind: "nano", snapLength: 2000, linkField: 101 }));
    const whole = packets.map((packet) => ({
      ...packet,
      microseconds: (packet.microseconds / 1000n) * 1000n,
    }));
    expect(writePcap(expected(whole, 101), { nanoseconds: true, snapLength: 2000 }).subarray(0, 28)).toEqual(
      nano.subarray(0, 28),
    );
  });

  it("is undone by reading", async () => {
    const read = expected(packets, LinkType.LINUX_SLL);
    expect(await collectAll(writePcap(read))).toEqual(read);
    expect(await collectAll(writePcap(read, { nanoseconds: true }))).toEqual(read);
  });

  it("rounds times to the resolution, over the end of a second too", async () => {
    const bytes = new Uint8Array(1);
    const at = async (time: number, nanoseconds: boolean) =>
      (await collectAll(writePcap([{ bytes, time }], { nanoseconds })))[0]?.time;
    expect(await at(1999.9996, false)).toBe(2000);
    expect(await at(1999.9994, false)).toBe(1999.999);
    expect(await at(1999.9996, true)).toBe(1999.9996);
    expect(await at(1999.9999999, true)).toBe(2000);
    expect(await at(0, true)).toBe(0);
    const fields = new Uint32Array(writePcap([{ bytes, time: 1999.9996 }]).slice(24, 32).buffer);
    expect([...fields]).toEqual([2, 0]);
  });

  it("takes the wire length from the bytes unless it is given", async () => {
    const [packet] = await collectAll(writePcap([{ bytes: Uint8Array.of(1, 2, 3), time: 5 }]));
    expect(packet).toEqual({ bytes: Uint8Array.of(1, 2, 3), wireLength: 3, time: 5, linkType: 1, index: 0 });
  });

  it("takes the link type from the options, the first packet or Ethernet", async () => {
    const packet = { bytes: Uint8Array.of(1), time: 1, linkType: 276 };
    expect((await collectAll(writePcap([packet])))[0]?.linkType).toBe(276);
    const untold = { bytes: packet.bytes, time: 1 };
    expect((await collectAll(writePcap([untold], { linkType: 101 })))[0]?.linkType).toBe(101);
    expect(writePcap([], { linkType: 113 })[20]).toBe(113);
    expect(writePcap([])[20]).toBe(1);
  });

  it("goes piece by piece as well", () => {
    const writer = new PcapWriter();
    const pieces = [writer.take()];
    for (const packet of expected(packets)) {
      writer.write(packet);
      pieces.push(writer.take());
    }
    expect(pieces.map((piece) => piece.length)).toEqual([24, 76, 16, 17, 1530, 93]);
    expect(concat(pieces)).toEqual(writePcap(expected(packets)));
    expect(writer.take()).toHaveLength(0);
  });

  it("grows as needed", async () => {
    const big = expected(samplePackets([100_000, 70_000, 200_000]));
    expect(await collectAll(writePcap(big))).toEqual(big);
  });

  it("refuses what the format cannot hold", () => {
    const packet = { bytes: new Uint8Array(10), time: 0 };
    const refused = (run: () => unknown, message: string) => {
      expect(run).toThrow(expect.objectContaining({ code: "CT_BAD_OPTION" }));
      expect(run).toThrow(message);
    };
    refused(() => writePcap([{ ...packet, time: -1 }]), "time is -1");
    refused(() => writePcap([{ ...packet, time: 2 ** 32 * 1000 }]), "time is 4294967296000");
    refused(() => writePcap([{ ...packet, time: Number.NaN }]), "time is NaN");
    refused(() => writePcap([{ ...packet, time: 2 ** 32 * 1000 - 0.0001 }]), "time is");
    refused(() => writePcap([packet], { snapLength: 9 }), "packet length is 10");
    refused(() => writePcap([{ ...packet, wireLength: -1 }]), "wireLength is -1");
    refused(() => writePcap([{ ...packet, wireLength: 1.5 }]), "wireLength is 1.5");
    refused(
      () => writePcap([{ ...packet, linkType: 101 }], { linkType: 1 }),
      "packet linkType is 101, expected 1",
    );
    refused(
      () => new PcapWriter({ linkType: 65536 }),
      "linkType is 65536, expected a whole number from 0 to 65535",
    );
    refused(() => new PcapWriter({ snapLength: 0 }), "snapLength is 0");
    refused(() => new PcapWriter({ snapLength: 2 ** 24 + 1 }), "snapLength is 16777217");
  });
});
