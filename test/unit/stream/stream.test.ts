import { describe, expect, it } from "vitest";
import { ConntrackError, Firewall, type FirewallOptions, type StreamOptions } from "../../../src/index.js";
import { dissect, icmp, icmp6, tcp, udp } from "../../../src/packet/index.js";
import { plug, settled } from "./cable.js";

const NETWORK: FirewallOptions = {
  interfaces: { tun0: ["10.1.0.1/16", "2001:db8:1::1/64"], tun1: ["198.51.100.1/24"] },
  routes: [{ to: "default", dev: "tun1" }],
  icmpErrors: true,
};

async function router(options: StreamOptions = {}) {
  const firewall = await Firewall.fromIptablesSave({}, NETWORK);
  return { firewall, stream: firewall.stream(options) };
}

const syn = (sport: number, dst = "203.0.113.10") =>
  tcp({ src: "10.1.0.2", dst, sport, dport: 80, flags: "SYN" });

describe("a firewall as streams", () => {
  it("passes packets from one port to another, as a router does", async () => {
    const { firewall, stream } = await router();
    const lan = plug(stream.port("tun0"));
    const wan = plug(stream.port("tun1"));
    lan.send(syn(40000));
    const [out, ...rest] = await wan.received();
    expect(rest).toEqual([]);
    expect(dissect(out!)).toMatchObject({ src: "10.1.0.2", dst: "203.0.113.10", ttl: 63 });
    wan.send(
      tcp({ src: "203.0.113.10", dst: "10.1.0.2", sport: 80, dport: 40000, flags: ["SYN", "ACK"], ack: 1 }),
    );
    expect(await lan.received()).toHaveLength(1);
    expect([...firewall.conntrack.flows()].map((flow) => flow.state)).toEqual(["SYN_RECV"]);
  });

  it("takes what comes in one turn as one batch, and keeps its order", async () => {
    const { firewall, stream } = await router();
    const lan = plug(stream.port("tun0"));
    const wan = plug(stream.port("tun1"));
    let calls = 0;
    const process = firewall.processBatch.bind(firewall);
    firewall.processBatch = (batch) => {
      calls++;
      process(batch);
    };
    const ports = Array.from({ length: 600 }, (_, i) => 10000 + i);
    lan.send(...ports.map((port) => syn(port)));
    const out = await wan.received();
    expect(out.map((packet) => dissect(packet)?.sport)).toEqual(ports);
    expect(calls).toBe(3);
  });

  it("drops and counts what its reader does not fetch", async () => {
    const { stream } = await router({ queue: 3 });
    const lan = plug(stream.port("tun0"));
    const wan = stream.port("tun1");
    lan.send(...[1, 2, 3, 4, 5].map((port) => syn(port)));
    await settled();
    expect(wan.counters).toMatchObject({ sent: 3, dropped: 2 });
    const reader = wan.readable.getReader();
    expect(dissect((await reader.read()).value!)?.sport).toBe(1);
    lan.send(syn(6));
    await settled();
    expect(wan.counters).toMatchObject({ sent: 4, dropped: 2 });
  });

  it("counts what leaves by a device without a port", async () => {
    const { stream } = await router();
    const lan = plug(stream.port("tun0"));
    lan.send(syn(1));
    await settled();
    expect(stream.counters).toEqual({ unplugged: 1, undelivered: 0 });
  });

  it("tells the sender of packets whose hops are used up", async () => {
    const { stream } = await router();
    const lan = plug(stream.port("tun0"));
    lan.send(udp({ src: "10.1.0.2", dst: "203.0.113.10", sport: 1, dport: 33434, ttl: 1 }));
    const [error] = await lan.received();
    expect(dissect(error!)).toMatchObject({ src: "10.1.0.1", dst: "10.1.0.2", icmp: { type: 11 } });
  });

  it("fits between two streams, and ends with them", async () => {
    const { stream } = await router();
    const wan = stream.port("tun1");
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(syn(1));
        controller.close();
      },
    });
    const lan = stream.port("tun0");
    const back: Uint8Array[] = [];
    await source.pipeThrough(lan).pipeTo(new WritableStream({ write: (packet) => void back.push(packet) }));
    expect(back).toEqual([]);
    expect(wan.counters.sent).toBe(1);
    // Unplugged, the device can be plugged in again.
    plug(stream.port("tun0")).send(syn(2));
    await settled();
    expect(wan.counters.sent).toBe(2);
  });

  it("survives whatever comes", async () => {
    const { stream } = await router();
    const port = stream.port("tun0");
    const lan = plug(port);
    lan.send(new Uint8Array(0), new Uint8Array(3).fill(0x45), new Uint8Array(2 ** 20), syn(1));
    await settled();
    expect(port.counters).toMatchObject({ received: 3, ignored: 1 });
    expect(stream.counters.unplugged).toBe(1);
  });

  it("ends all streams when it is closed", async () => {
    const { stream } = await router();
    const lan = plug(stream.port("tun0"));
    const local = plug(stream.local);
    stream.close();
    await Promise.all([lan.ended, local.ended]);
    expect(() => stream.port("tun0")).toThrow("the stream is closed");
    expect(() => stream.local).toThrow("the stream is closed");
  });

  it.each([
    ["a device that is not there", "eth7", {}, "eth7 is no device of interfaces or routes"],
    ["the loopback device", "lo", {}, "lo is no device"],
    ["a multicast address", "tun0", { mac: "01:00:5e:00:00:01" }, "mac: "],
    ["what is no Ethernet address", "tun0", { mac: "02:00" }, "mac: "],
  ])("refuses %s", async (_, device, options, message) => {
    const { stream } = await router();
    expect(() => stream.port(device, options)).toThrow(ConntrackError);
    expect(() => stream.port(device, options)).toThrow(message);
  });

  it("refuses a second port on one device", async () => {
    const { stream } = await router();
    stream.port("tun0");
    expect(() => stream.port("tun0")).toThrow("in use");
  });

  it("refuses a queue without room", async () => {
    await expect(router({ queue: 0 })).rejects.toThrow("queue: expected");
  });
});

describe("the machine itself", () => {
  const ping = { src: "10.1.0.2", dst: "10.1.0.1", type: "echo-request", icmpId: 7, sequence: 3 } as const;

  it("answers pings", async () => {
    const { stream } = await router();
    const lan = plug(stream.port("tun0"));
    lan.send(icmp({ ...ping, payload: "hello" }));
    lan.send(icmp6({ ...ping, src: "2001:db8:1::2", dst: "2001:db8:1::1", payload: "hello" }));
    const answers = await lan.received();
    expect(answers.map((packet) => dissect(packet))).toMatchObject([
      { src: "10.1.0.1", dst: "10.1.0.2", icmp: { type: 0 } },
      { src: "2001:db8:1::1", dst: "2001:db8:1::2", icmp: { type: 129 } },
    ]);
    for (const answer of answers) expect(Buffer.from(answer.subarray(-5)).toString()).toBe("hello");
  });

  it("does so only when asked to, and not for all at once", async () => {
    const { stream } = await router({ echo: false });
    const lan = plug(stream.port("tun0"));
    lan.send(icmp(ping));
    expect(await lan.received()).toEqual([]);
    expect(stream.counters.undelivered).toBe(1);
    const loud = (await router()).stream;
    const other = plug(loud.port("tun0"));
    other.send(icmp({ ...ping, dst: "10.1.255.255" }));
    expect(await other.received()).toEqual([]);
  });

  it("is a port, too: what is delivered can be read, what is written is sent", async () => {
    const { firewall, stream } = await router();
    const lan = plug(stream.port("tun0"));
    const local = plug(stream.local);
    const query = { src: "10.1.0.2", dst: "10.1.0.1", sport: 4000, dport: 53 };
    lan.send(udp({ ...query, payload: "?" }));
    const [delivered] = await local.received();
    expect(dissect(delivered!)).toMatchObject({ src: "10.1.0.2", dst: "10.1.0.1", ttl: 64 });
    local.send(udp({ src: query.dst, dst: query.src, sport: 53, dport: 4000, payload: "!" }));
    expect(await lan.received()).toHaveLength(1);
    expect([...firewall.conntrack.flows()].map((flow) => flow.line())).toEqual([
      expect.not.stringContaining("UNREPLIED"),
    ]);
  });

  it("talks to itself over the loopback device", async () => {
    const { stream } = await router();
    const local = plug(stream.local);
    local.send(udp({ src: "10.1.0.1", dst: "198.51.100.1", sport: 1, dport: 2 }));
    expect(await local.received()).toHaveLength(1);
  });
});
