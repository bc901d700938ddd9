/** The dissector, on what real stacks sent: what it reads of a packet has to be enough to build the packet anew. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Dissection, dissect, icmp, icmp6, tcp, udp } from "../../../src/packet/index.js";
import { type CapturedPacket, LinkType, readCapture } from "../../../src/pcap/index.js";

async function packetsOf(name: string): Promise<CapturedPacket[]> {
  const bytes = readFileSync(new URL(`../../captures/${name}`, import.meta.url));
  const packets: CapturedPacket[] = [];
  for await (const packet of readCapture(bytes)) packets.push(packet);
  return packets;
}

function rebuild(packet: Uint8Array, d: Dissection): Uint8Array | undefined {
  const bytes = packet.subarray(d.at.ip, d.at.end);
  const four = d.family === "ipv4";
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const ip = {
    src: d.src,
    dst: d.dst,
    ttl: d.ttl,
    tos: four ? view.getUint8(1) : (view.getUint16(0) >> 4) & 255,
    id: four ? view.getUint16(4) : 0,
    dontFragment: four && (view.getUint8(6) & 0x40) !== 0,
    flowLabel: four ? 0 : view.getUint32(0) & 0xfffff,
    payload: packet.subarray(d.at.payload, d.at.end),
  };
  if (d.fragment || (four ? bytes[0] !== 0x45 : d.at.transport - d.at.ip !== 40)) return undefined;
  const ports = { sport: d.sport ?? 0, dport: d.dport ?? 0 };
  if (d.protocol === 17) return udp({ ...ip, ...ports });
  if (d.tcp) {
    const raw = packet.subarray(d.at.transport + 20, d.at.payload);
    return tcp({ ...ip, ...ports, ...d.tcp, options: { raw } });
  }
  return d.icmp && (four ? icmp : icmp6)({ ...ip, ...d.icmp });
}

describe("dissect", () => {
  it("reads all that the builders write", async () => {
    let rebuilt = 0;
    for (const { bytes, linkType } of await packetsOf("lab.pcap")) {
      const read = dissect(bytes, linkType);
      if (!read) continue;
      const again = rebuild(bytes, read);
      if (!again) continue;
      expect(again).toEqual(Uint8Array.from(bytes.subarray(read.at.ip, read.at.end)));
      rebuilt++;
    }
    expect(rebuilt).toBeGreaterThan(550);
  });

  it.each([
    "null.pcap",
    "sll.pcap",
    "sll2.pcap",
    "vlan.pcap",
    "qinq.pcap",
    "pppoe.pcap",
    "ppp.pcap",
    "big-endian.pcapng",
  ])("finds the same packets behind any link layer: %s", async (name) => {
    const seen = (packets: CapturedPacket[]) =>
      packets.map(({ bytes, linkType }) => {
        const { at, ...rest } = dissect(bytes, linkType)!;
        return { ...rest, payload: at.end - at.payload };
      });
    expect(seen(await packetsOf(name))).toEqual(seen(await packetsOf("raw-ip.pcap")));
  });

  it("reads the options of a SYN", () => {
    const options = { mss: 1460, sackPermitted: true, timestamps: [1, 2], windowScale: 7 } as const;
    const syn = tcp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2, flags: "SYN", options });
    expect(dissect(syn)?.tcp).toMatchObject({ flags: ["SYN"], mss: 1460, windowScale: 7 });
  });

  it("takes any bytes, cut anywhere", async () => {
    const links = Object.values(LinkType).filter((link) => typeof link === "number");
    for (const { bytes } of (await packetsOf("lab.pcap")).slice(0, 120)) {
      for (let length = 0; length < Math.min(bytes.length, 90); length++) {
        const cut = bytes.slice(0, length);
        for (const link of links) {
          const read = dissect(cut, link);
          if (read) expect(read.at.payload).toBeLessThanOrEqual(read.at.end);
        }
      }
    }
    expect(
      dissect(
        new Uint8Array(60000).map((_, i) => (i % 4 < 2 ? 0x81 * (1 - (i % 2)) : 0)),
        1,
      ),
    ).toBeUndefined();
  });
});
