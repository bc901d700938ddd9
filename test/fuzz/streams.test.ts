/** Damaged frames, neighbours' messages among them, at the ports of a router: it goes on routing, and says where they went. */
import { expect, it } from "vitest";
import { Firewall, LinkType } from "../../src/index.js";
import { dissect, ethernet, icmp, icmp6 } from "../../src/packet/index.js";
import { randomNumbers } from "../property/harness.js";
import { plug, settled } from "../unit/stream/cable.js";
import { PacketSource } from "./packet-source.js";

const FRAMES = 20_000;
const ROUND = 500;
const ROUTER = "02:00:00:00:00:01";
const HOST = "02:00:00:00:00:0a";

const macBytes = (mac: string) => mac.split(":").map((byte) => Number.parseInt(byte, 16));

/** Messages of neighbours, to be damaged. */
function neighbourMessages(): Uint8Array[] {
  const target = [0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  const fields = { src: "2001:db8:1::2", dst: "2001:db8:1::1", ttl: 255 };
  const ends = { src: HOST, dst: ROUTER };
  const arp = [...macBytes(ROUTER), ...macBytes(HOST), 8, 6, 0, 1, 8, 0, 6, 4, 0];
  return [
    Uint8Array.from([...arp, 1, ...macBytes(HOST), 10, 1, 0, 2, 0, 0, 0, 0, 0, 0, 10, 1, 0, 1]),
    Uint8Array.from([...arp, 2, ...macBytes(HOST), 10, 1, 0, 2, ...macBytes(ROUTER), 10, 1, 0, 1]),
    ethernet(icmp6({ ...fields, type: 135, payload: [...target, 1, 1, ...macBytes(HOST)] }), ends),
    ethernet(icmp6({ ...fields, type: 136, payload: [...target, 2, 1, ...macBytes(HOST)] }), ends),
  ];
}

it("survives any frame", async () => {
  const random = randomNumbers(20_261);
  const source = new PacketSource(20_262);
  const messages = neighbourMessages();
  let time = 0;
  const firewall = await Firewall.fromIptablesSave(
    { ipv4: "*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n" },
    {
      interfaces: {
        eth0: ["10.1.0.1/16", "2001:db8:1::1/64"],
        eth1: ["198.51.100.1/24", "2001:db8:2::1/64"],
      },
      routes: [{ to: "default", dev: "eth1" }],
      mtu: { eth0: 576, eth1: 296 },
      icmpErrors: true,
      sysctl: { nf_conntrack_max: 1000 },
    },
  );
  const stream = firewall.stream({ clock: () => time });
  const port = stream.port("eth0", { mac: ROUTER });
  const lan = plug(port);
  plug(stream.port("eth1", { mac: "02:00:00:00:01:01" }));
  for (let sent = 0; sent < FRAMES; sent += ROUND) {
    for (let i = 0; i < ROUND; i++) {
      const frame = random(3)
        ? source.next(LinkType.ETHERNET).bytes.slice()
        : (messages[random(messages.length)] as Uint8Array).slice(0, 14 + random(80));
      if (random(4)) frame.set(macBytes(ROUTER).slice(0, frame.length));
      if (frame.length > 14 && random(2)) frame[random(frame.length)] = random(256);
      lan.send(frame);
    }
    time += random(5000);
    await lan.received();
  }
  const { received, ignored } = port.counters;
  expect(received).toBeGreaterThan(FRAMES / 10);
  expect(ignored).toBeGreaterThan(FRAMES / 10);
  expect(firewall.conntrack.stats().entries).toBeLessThanOrEqual(1000);
  // The router has not lost its wits: it asks who wants to know, and answers.
  const ping = icmp({ src: "10.1.200.200", dst: "10.1.0.1", type: "echo-request", payload: "still there?" });
  lan.send(ethernet(ping, { src: HOST, dst: ROUTER }));
  await settled();
  lan.send(
    Uint8Array.from([
      ...[...macBytes(ROUTER), ...macBytes(HOST), 8, 6, 0, 1, 8, 0, 6, 4, 0, 2],
      ...[...macBytes(HOST), 10, 1, 200, 200, ...macBytes(ROUTER), 10, 1, 0, 1],
    ]),
  );
  const answers = (await lan.received()).map((frame) => dissect(frame, LinkType.ETHERNET));
  expect(answers).toContainEqual(expect.objectContaining({ src: "10.1.0.1", dst: "10.1.200.200" }));
});
