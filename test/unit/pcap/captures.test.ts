import { createReadStream } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CapturedPacket, LinkType, writePcap } from "../../../src/pcap/index.js";
import { collectAll } from "./collect.js";

const open = (name: string) => createReadStream(new URL(`../../captures/${name}`, import.meta.url));
const read = (name: string) => collectAll(open(name));

const ARP = 0x0806;
const etherType = ({ bytes }: CapturedPacket) => (bytes[12]! << 8) | bytes[13]!;

/** The packets of lab.pcap that the smaller captures hold. */
async function derived(): Promise<CapturedPacket[]> {
  const ip = (await read("lab.pcap")).filter((packet) => etherType(packet) !== ARP);
  return ip.slice(0, 64).map((packet, index) => ({ ...packet, index }));
}

describe("recorded captures", () => {
  it("hold what tcpdump wrote", async () => {
    const packets = await read("lab.pcap");
    expect(packets).toHaveLength(618);
    for (const [i, packet] of packets.entries()) {
      expect(packet.index).toBe(i);
      expect(packet.linkType).toBe(LinkType.ETHERNET);
      expect(packet.wireLength).toBe(packet.bytes.length);
      expect([ARP, 0x0800, 0x86dd]).toContain(etherType(packet));
      expect(packet.time).toBeGreaterThanOrEqual(packets[Math.max(0, i - 1)]!.time);
    }
  });

  it("give identical packets as pcap and as gzipped pcapng", async () => {
    expect(await read("lab.pcapng.gz")).toEqual(await read("lab.pcap"));
  });

  it("give identical packets in big-endian files", async () => {
    const packets = await derived();
    expect(await read("big-endian.pcap")).toEqual(packets);
    expect(await read("big-endian.pcapng")).toEqual(packets);
  });

  it("give the same packets with nanoseconds, within a microsecond", async () => {
    const packets = await derived();
    const nano = await read("nanosecond.pcap");
    expect(nano.map(({ bytes }) => bytes)).toEqual(packets.map(({ bytes }) => bytes));
    for (const [i, packet] of packets.entries()) {
      const more = nano[i]!.time - packet.time;
      expect(more).toBeGreaterThanOrEqual(0);
      expect(more).toBeLessThan(0.001 + 0.0005);
    }
    expect(nano.some((packet, i) => packet.time !== packets[i]!.time)).toBe(true);
  });

  it("name their link types", async () => {
    const times = (await derived()).map(({ time }) => time);
    const files = { "raw-ip": 101, null: 0, sll: 113, sll2: 276, vlan: 1, qinq: 1, pppoe: 1, ppp: 9 };
    for (const [name, linkType] of Object.entries(files)) {
      const packets = await read(`${name}.pcap`);
      expect(new Set(packets.map((packet) => packet.linkType)), name).toEqual(new Set([linkType]));
      expect(packets.map(({ time }) => time)).toEqual(times);
    }
  });

  it("are written back byte for byte", async () => {
    const original: Uint8Array[] = [];
    for await (const chunk of open("lab.pcap")) original.push(chunk);
    expect(Buffer.from(writePcap(await read("lab.pcap")))).toEqual(Buffer.concat(original));
  });
});
