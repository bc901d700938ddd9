import { beforeEach, describe, expect, it } from "vitest";
import { Conntrack, Status } from "../../src/index.js";
import { udpPacket } from "../property/packet-builder.js";

const CLIENT = [10, 0, 0, 1];
const SERVER = [192, 0, 2, 1];
const query = (port: number) => udpPacket(CLIENT, SERVER, port, 53);
const TUPLE = { src: "10.0.0.1", dst: "192.0.2.1" };

let ct: Conntrack;
beforeEach(async () => {
  ct = await Conntrack.create();
});

describe("flush()", () => {
  it("takes flows along that are over and were not swept, and tells of them", () => {
    for (let i = 0; i < 5; i++) ct.track(query(1000 + i), { time: 0 });
    ct.drainEvents();
    expect(ct.procNetNfConntrack({ time: 31_000 })).toBe("");
    expect(ct.flush()).toBe(5);
    expect(ct.drainEvents().map(({ kind }) => kind)).toEqual(Array(5).fill("DESTROY"));
    expect(ct.memory().flows).toBe(0);
  });
});

describe("insert()", () => {
  it("takes addresses, no ranges", () => {
    const original = { ...TUPLE, dst: "192.0.2.0/24", sport: 1, dport: 2 };
    expect(() => ct.insert({ protocol: "udp", original, timeout: 10 })).toThrow(/192\.0\.2\.0\/24/);
    expect(ct.memory().flows).toBe(0);
  });

  it("knows the states and tags of SCTP", () => {
    const original = { ...TUPLE, sport: 1, dport: 2 };
    ct.insert({ protocol: "sctp", original, timeout: 10, state: "COOKIE_WAIT", vtag: [0, 0x11223344] });
    expect([...ct.flows()][0]!.sctp).toEqual({ state: "COOKIE_WAIT", vtag: [0, 0x11223344] });
    expect(() => ct.insert({ protocol: "sctp", original, timeout: 10, state: "SYN_SENT" })).toThrow(/state/);
  });

  it("leaves a GRE flow without timeouts of its own, as Linux does: its first packet ends it", () => {
    ct.insert({ protocol: "gre", original: { ...TUPLE, srckey: 0, dstkey: 0 }, timeout: 10 });
    expect(ct.procNetNfConntrack()).toContain("timeout=0, stream_timeout=0");
  });
});

describe("update()", () => {
  it("sets status bits and clears none", () => {
    ct.track(query(1000), { time: 0 });
    expect(ct.update({}, { status: Status.ASSURED })).toBe(1);
    const [flow] = [...ct.flows()];
    expect(flow!.assured).toBe(true);
    ct.update({}, { status: 0 });
    expect(flow!.assured).toBe(true);
    expect(() => ct.update({}, { status: Status.CONFIRMED })).toThrow(/status/);
  });

  it("fixes a timeout, which traffic then leaves alone", () => {
    ct.track(query(1000), { time: 0 });
    ct.update({}, { status: Status.FIXED_TIMEOUT, timeout: 100 });
    ct.track(query(1000), { time: 60_000 });
    expect([...ct.flows()][0]!.timeout).toBe(40);
    ct.track(query(1000), { time: 100_000 });
    expect([...ct.flows()][0]!.timeout).toBe(30);
  });

  it("replaces the bits of a mark that its mask names", () => {
    ct.track(query(1000), { time: 0 });
    ct.update({}, { mark: 0xff });
    ct.update({}, { mark: 0x100, markMask: 0xf0 });
    expect([...ct.flows()][0]!.mark).toBe(0x10f);
  });

  it("is one event for each flow", () => {
    ct.track(query(1000), { time: 0 });
    ct.drainEvents();
    ct.update({}, { mark: 7, timeout: 50, labels: [3] });
    const [event, ...others] = ct.drainEvents();
    expect(others).toEqual([]);
    expect(event).toMatchObject({ kind: "UPDATE", mark: 7, timeout: 50, labels: [3] });
    expect(event!.changes).toEqual(["reply", "assured", "mark", "label"]);
  });
});

describe("labels", () => {
  it("are 128 bits of a flow that come and go", () => {
    ct.track(query(1000), { time: 0 });
    const [flow] = [...ct.flows()];
    expect(flow!.labels).toEqual([]);
    ct.update({}, { labels: [0, 63, 64, 127] });
    expect(flow!.labels).toEqual([0, 63, 64, 127]);
    ct.update({}, { labels: [1], labelMask: [0, 1, 2] });
    expect(flow!.labels).toEqual([1, 63, 64, 127]);
    ct.update({}, { labels: [] });
    expect(flow!.labels).toEqual([]);
    expect(() => ct.update({}, { labels: [128] })).toThrow(/128/);
  });

  it("select flows that have all of those asked for", () => {
    for (let i = 0; i < 4; i++) ct.track(query(1000 + i), { time: 0 });
    ct.update({ sport: 1001 }, { labels: [5] });
    ct.update({ sport: 1002 }, { labels: [5, 100] });
    const ports = (labels: number[]) => [...ct.flows({ labels })].map(({ original }) => original.sport);
    expect(ports([5]).sort()).toEqual([1001, 1002]);
    expect(ports([5, 100])).toEqual([1002]);
    expect(ports([6])).toEqual([]);
    expect(ports([]).length).toBe(4);
  });

  it("come with an inserted flow, and its last event still has them", () => {
    ct.insert({ protocol: "udp", original: { ...TUPLE, sport: 1, dport: 2 }, timeout: 10, labels: [9, 77] });
    ct.flush();
    const told = ct.drainEvents().map((event) => ("labels" in event ? event.labels : undefined));
    expect(told).toEqual([
      [9, 77],
      [9, 77],
    ]);
  });
});

describe("a packet that a capture cut inside its IPv4 header", () => {
  it("is explained by what is there and what is needed", () => {
    const packet = udpPacket(CLIENT, SERVER, 1, 2);
    packet[0] = 0x46;
    const { reason, explain } = { ...pick(ct, packet.subarray(0, 22), packet.length) };
    expect(reason).toBe("L4_SHORT");
    expect(explain).toBe("0 bytes of transport header, ports or ids need 4");
  });
});

function pick(conntrack: Conntrack, packet: Uint8Array, wireLength: number) {
  const result = conntrack.track(packet, { time: 0, wireLength });
  return { reason: result.reason, explain: result.explain() };
}
