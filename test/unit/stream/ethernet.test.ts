import { afterEach, describe, expect, it, vi } from "vitest";
import { Firewall, LinkType } from "../../../src/index.js";
import { dissect, ethernet, icmp6, udp } from "../../../src/packet/index.js";
import { type Cable, hex, plug, settled } from "./cable.js";

const ROUTER = "02:00:00:00:00:01";
const HOST = "02:00:00:00:00:0a";
const GATEWAY = "02:00:00:00:00:fe";
const ALL = "ff:ff:ff:ff:ff:ff";

/** A LAN of frames, and behind the other device a router at .254 that all else goes to. */
async function router(ipv4?: string) {
  let time = 0;
  const firewall = await Firewall.fromIptablesSave(ipv4 === undefined ? {} : { ipv4 }, {
    interfaces: {
      eth0: ["10.1.0.1/16", "2001:db8:1::1/64"],
      eth1: ["198.51.100.1/24", "2001:db8:2::1/64"],
    },
    routes: [{ to: "default", dev: "eth1", via: "198.51.100.254" }],
    icmpErrors: true,
  });
  const stream = firewall.stream({ clock: () => time });
  const ports = {
    lan: stream.port("eth0", { mac: ROUTER }),
    wan: stream.port("eth1", { mac: "02:00:00:00:01:01" }),
  };
  return {
    stream,
    ports,
    lan: plug(ports.lan),
    wan: plug(ports.wan),
    later: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

const macBytes = (mac: string) => mac.split(":").map((byte) => Number.parseInt(byte, 16));
const ipBytes = (ip: string) => ip.split(".").map(Number);

function arp(
  operation: 1 | 2,
  fields: { mac: string; src: string; dst: string; to?: string; toMac?: string },
) {
  const { mac, src, dst, to = ALL, toMac = "00:00:00:00:00:00" } = fields;
  return Uint8Array.from([
    ...[...macBytes(to), ...macBytes(mac), 8, 6],
    ...[0, 1, 8, 0, 6, 4, 0, operation],
    ...[...macBytes(mac), ...ipBytes(src), ...macBytes(toMac), ...ipBytes(dst)],
  ]);
}

const toRouter = (packet: Uint8Array, src = HOST) => ethernet(packet, { src, dst: ROUTER });
const query = (dst: string, sport = 4000) => udp({ src: "10.1.0.2", dst, sport, dport: 53 });
const macsOf = (frame: Uint8Array) => [hex(frame.subarray(0, 6)), hex(frame.subarray(6, 12))];
const plain = (mac: string) => mac.replaceAll(":", "");
const isArp = (frame: Uint8Array) => frame[12] === 8 && frame[13] === 6;

/** The router has asked for its gateway and has been answered. */
async function answerGateway(wan: Cable) {
  const frames = await wan.received();
  expect(frames.map(hex)).toEqual([
    hex(arp(1, { mac: "02:00:00:00:01:01", src: "198.51.100.1", dst: "198.51.100.254" })),
  ]);
  wan.send(
    arp(2, {
      ...{ mac: GATEWAY, src: "198.51.100.254", to: "02:00:00:00:01:01" },
      ...{ dst: "198.51.100.1", toMac: "02:00:00:00:01:01" },
    }),
  );
}

afterEach(() => void vi.useRealTimers());

describe("ARP", () => {
  it("is answered for the router's own addresses, to who asks", async () => {
    const { lan } = await router();
    lan.send(
      arp(1, { mac: HOST, src: "10.1.0.2", dst: "10.1.0.1" }),
      arp(1, { mac: HOST, src: "10.1.0.2", dst: "198.51.100.1" }),
      arp(1, { mac: HOST, src: "0.0.0.0", dst: "10.1.0.1" }),
      arp(1, { mac: HOST, src: "10.1.0.2", dst: "10.1.0.3" }),
    );
    const answer = { mac: ROUTER, to: HOST, toMac: HOST };
    expect((await lan.received()).map(hex)).toEqual([
      hex(arp(2, { ...answer, src: "10.1.0.1", dst: "10.1.0.2" })),
      hex(arp(2, { ...answer, src: "198.51.100.1", dst: "10.1.0.2" })),
      hex(arp(2, { ...answer, src: "10.1.0.1", dst: "0.0.0.0" })),
    ]);
  });

  it("asks once for the next hop, keeps what waits for it, and sends it in order", async () => {
    const { lan, wan } = await router();
    lan.send(toRouter(query("203.0.113.10", 1)), toRouter(query("203.0.113.11", 2)));
    await answerGateway(wan);
    const frames = await wan.received();
    expect(frames.map(macsOf)).toEqual([
      [plain(GATEWAY), "020000000101"],
      [plain(GATEWAY), "020000000101"],
    ]);
    const packets = frames.map((frame) => dissect(frame, LinkType.ETHERNET));
    expect(packets.map((packet) => packet?.sport)).toEqual([1, 2]);
  });

  it("learns who asks for it", async () => {
    const { lan, wan } = await router();
    lan.send(arp(1, { mac: HOST, src: "10.1.0.2", dst: "10.1.0.1" }));
    await lan.received();
    wan.send(
      ethernet(udp({ src: "203.0.113.10", dst: "10.1.0.2", sport: 1, dport: 2 }), {
        src: GATEWAY,
        dst: "02:00:00:00:01:01",
      }),
    );
    expect((await lan.received()).map(macsOf)).toEqual([[plain(HOST), plain(ROUTER)]]);
  });

  it.each([
    ["", undefined],
    [", who is hidden behind the router", "*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n"],
  ])("tells the sender%s when nobody answers", async (_, rules) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { lan, wan, ports } = await router(rules);
    const turns = async () => {
      for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
    };
    lan.send(arp(1, { mac: HOST, src: "10.1.0.2", dst: "10.1.0.1" }), toRouter(query("203.0.113.10")));
    await turns();
    await vi.advanceTimersByTimeAsync(3500);
    await turns();
    vi.useRealTimers();
    expect((await wan.received()).filter(isArp)).toHaveLength(3);
    const [, error] = await lan.received();
    expect(dissect(error!, LinkType.ETHERNET)).toMatchObject({
      ...{ src: rules ? "198.51.100.1" : "10.1.0.1", dst: "10.1.0.2", icmp: { type: 3, code: 1 } },
    });
    // It quotes what the sender has sent.
    expect(dissect(error!.subarray(14 + 28))).toMatchObject({ src: "10.1.0.2", sport: 4000, dport: 53 });
    expect(ports.wan.counters.unresolved).toBe(1);
  });

  it("asks the neighbour again after a while, and all when it has gone", async () => {
    const { lan, wan, later } = await router();
    lan.send(toRouter(query("203.0.113.10")));
    await answerGateway(wan);
    await wan.received();
    const asked: string[] = [];
    for (let i = 0; i < 6; i++) {
      later(31_000);
      lan.send(toRouter(query("203.0.113.10")));
      for (const frame of (await wan.received()).filter(isArp)) asked.push(hex(frame.subarray(0, 6)));
    }
    expect(asked).toEqual([plain(GATEWAY), plain(GATEWAY), plain(GATEWAY), plain(ALL)]);
  });

  it("keeps no more packets for a silent neighbour than Linux does", async () => {
    const { lan, ports } = await router();
    for (let i = 0; i < 150; i++) lan.send(toRouter(query("203.0.113.10", 1000 + i)));
    await settled();
    expect(ports.wan.counters.unresolved).toBe(150 - 101);
  });
});

describe("neighbour discovery", () => {
  const SOLICITED = "33:33:ff:00:00:01";
  const solicitation = (src: string, options: number[]) =>
    icmp6({
      ...{ src, dst: "ff02::1:ff00:1", ttl: 255, type: "neighbour-solicitation" },
      payload: [0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, ...options],
    });

  it("is answered", async () => {
    const { lan } = await router();
    const source = [1, 1, ...macBytes(HOST)];
    lan.send(ethernet(solicitation("2001:db8:1::2", source), { src: HOST, dst: SOLICITED }));
    const [frame, ...rest] = await lan.received();
    expect(rest).toEqual([]);
    expect(macsOf(frame!)).toEqual([plain(HOST), plain(ROUTER)]);
    const answer = dissect(frame!, LinkType.ETHERNET);
    expect(answer).toMatchObject({
      src: "2001:db8:1::1",
      dst: "2001:db8:1::2",
      ttl: 255,
      icmp: { type: 136 },
    });
    // Router, solicited, override; the target; its address.
    expect(hex(frame!.subarray(14 + 44))).toBe(
      `e000000020010db8000100000000000000000001${"0201"}${plain(ROUTER)}`,
    );
  });

  it("is answered to all when the sender has no address yet", async () => {
    const { lan } = await router();
    lan.send(ethernet(solicitation("::", []), { src: HOST, dst: SOLICITED }));
    const [frame] = await lan.received();
    expect(macsOf(frame!)).toEqual(["333300000001", plain(ROUTER)]);
    expect(dissect(frame!, LinkType.ETHERNET)).toMatchObject({ dst: "ff02::1", icmp: { type: 136 } });
  });

  it("ignores what has been forwarded, or is malformed", async () => {
    const { lan, ports } = await router();
    const good = solicitation("2001:db8:1::2", []);
    const forwarded = good.slice();
    forwarded[7] = 254;
    const broken = good.slice();
    broken[43] = 0;
    const endless = solicitation("2001:db8:1::2", [1, 0, 0, 0, 0, 0, 0, 0]);
    for (const packet of [forwarded, broken, endless])
      lan.send(ethernet(packet, { src: HOST, dst: SOLICITED }));
    expect(await lan.received()).toEqual([]);
    expect(ports.lan.counters.ignored).toBe(3);
  });

  it("asks for a neighbour and sends what has waited", async () => {
    const { lan, wan } = await router();
    wan.send(
      ethernet(udp({ src: "2001:db8:2::9", dst: "2001:db8:1::2", sport: 1, dport: 2 }), {
        src: GATEWAY,
        dst: "02:00:00:00:01:01",
      }),
    );
    const [question] = await lan.received();
    expect(macsOf(question!)).toEqual(["3333ff000002", plain(ROUTER)]);
    expect(dissect(question!, LinkType.ETHERNET)).toMatchObject({
      ...{ src: "fe80::ff:fe00:1", dst: "ff02::1:ff00:2", ttl: 255, icmp: { type: 135 } },
    });
    const answer = icmp6({
      ...{ src: "2001:db8:1::2", dst: "fe80::ff:fe00:1", ttl: 255, type: "neighbour-advertisement" as const },
      ...{ icmpId: 0x6000 },
      payload: [0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 1, ...macBytes(HOST)],
    });
    lan.send(toRouter(answer));
    const [packet] = await lan.received();
    expect(macsOf(packet!)).toEqual([plain(HOST), plain(ROUTER)]);
    expect(dissect(packet!, LinkType.ETHERNET)).toMatchObject({ dport: 2 });
  });
});

describe("frames", () => {
  it.each([
    ["to another card", ethernet(query("203.0.113.10"), { src: HOST, dst: "02:00:00:00:00:99" })],
    ["with a VLAN tag", ethernet(query("203.0.113.10"), { src: HOST, dst: ROUTER, vlan: 5 })],
    ["to all, of a packet to one", ethernet(query("203.0.113.10"), { src: HOST, dst: ALL })],
    ["from a group", ethernet(query("203.0.113.10"), { src: ALL, dst: ROUTER })],
    ["cut short", new Uint8Array(13)],
    ["of another protocol", Uint8Array.from([...macBytes(ROUTER), ...macBytes(HOST), 0x88, 0xcc, 0, 0])],
  ])("%s are ignored", async (_, frame) => {
    const { lan, wan, ports } = await router();
    lan.send(frame);
    expect(await wan.received()).toEqual([]);
    expect(ports.lan.counters).toMatchObject({ received: 0, ignored: 1 });
  });

  it("to groups go to the groups' addresses", async () => {
    const { stream, lan } = await router();
    const local = plug(stream.local);
    local.send(udp({ src: "10.1.0.1", dst: "10.1.255.255", sport: 1, dport: 2 }));
    expect((await lan.received()).map(macsOf)).toEqual([[plain(ALL), plain(ROUTER)]]);
  });
});
