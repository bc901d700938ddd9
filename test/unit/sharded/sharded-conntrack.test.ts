import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import {
  Conntrack,
  type Flow,
  LinkType,
  ShardedConntrack,
  type ShardedConntrackOptions,
} from "../../../src/index.js";
import { tcp, udp } from "../../../src/packet/index.js";
import { readCaptureChunks } from "../../../src/pcap/index.js";
import { internalsOfBatch } from "../../../src/sharded/sharded-batch.js";

const opened: ShardedConntrack[] = [];

async function create(options: ShardedConntrackOptions = {}): Promise<ShardedConntrack> {
  const sharded = await ShardedConntrack.create({ shards: 2, ...options });
  opened.push(sharded);
  return sharded;
}

afterEach(() => {
  for (const sharded of opened.splice(0)) sharded.close();
});

/** A datagram from a host of its own. */
const datagram = (host: number, dst = "192.0.2.1") =>
  udp({ src: `10.0.${host >>> 8}.${host & 255}`, dst, sport: 1000, dport: 53 });

async function track(sharded: ShardedConntrack, packets: readonly Uint8Array[], time = 0) {
  const batch = sharded.createBatch(Math.max(1, packets.length));
  for (const packet of packets) batch.push(packet, time);
  await sharded.trackBatch(batch);
  return batch;
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
}

const sorted = (text: string) => text.split("\n").sort();
const code = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

it("makes of the bundled capture what one engine makes of it", async () => {
  const one = await Conntrack.create();
  const sharded = await create({ shards: 3 });
  for (const name of ["ftp", "tftp"]) {
    one.addHelper({ name });
    sharded.addHelper({ name });
  }
  const capture = readFileSync(new URL("../../captures/lab.pcap", import.meta.url));
  let packetCount = 0;
  for await (const packets of readCaptureChunks(capture)) {
    const options = { link: LinkType.ETHERNET, bytes: 1 << 20 };
    const [expected, found] = [one.createBatch(4096, options), sharded.createBatch(4096, options)];
    expect(found.pushAll(packets)).toBe(expected.pushAll(packets));
    one.trackBatch(expected);
    await sharded.trackBatch(found);
    expect(found.ctStates).toEqual(expected.ctStates);
    packetCount += found.length;
  }
  expect(packetCount).toBe(618);
  expect(sorted(await sharded.procNetNfConntrack())).toEqual(sorted(one.procNetNfConntrack()));
  expect(sorted(await sharded.procNetIpConntrack())).toEqual(sorted(one.procNetIpConntrack()));
  expect(await sharded.stats()).toEqual(one.stats());
  expect(await sharded.countByState({ family: "ipv4" })).toEqual(one.countByState({ family: "ipv4" }));

  const events = await sharded.drainEvents();
  const told = (event: (typeof events)[number]) => JSON.stringify({ ...event, id: 0 });
  expect(events.map(told).sort()).toEqual(one.drainEvents().map(told).sort());
  expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).sort((a, b) => a - b));

  const flows = await all(sharded.flows({ protocol: "tcp" }));
  expect(new Set(flows.map(({ id }) => id)).size).toBe(flows.length);
  const described = ({ original, reply, tcp, timeout, status, helper }: (typeof flows)[number] | Flow) =>
    JSON.stringify({ original, reply, tcp, timeout, status, helper });
  expect(flows.map(described).sort()).toEqual([...one.flows({ protocol: "tcp" })].map(described).sort());
});

it("follows what helpers announce", async () => {
  const sharded = await create({ shards: 7 });
  sharded.addHelper({ name: "ftp", port: 2121 });
  const ends = { src: "10.0.0.1", dst: "10.0.0.2", sport: 1000, dport: 2121 };
  const back = { src: ends.dst, dst: ends.src, sport: 2121, dport: 1000 };
  const batch = await track(sharded, [
    tcp({ ...ends, flags: "SYN", seq: 1 }),
    tcp({ ...back, flags: "SYN,ACK", seq: 1, ack: 2 }),
    tcp({ ...ends, flags: "ACK", seq: 2, ack: 2 }),
    tcp({ ...ends, flags: "ACK,PSH", seq: 2, ack: 2, payload: "USER a\r\n" }),
    tcp({ ...ends, flags: "ACK,PSH", seq: 10, ack: 2, payload: "PORT 10,0,0,1,20,0\r\n" }),
  ]);
  expect(batch.ctState(4)).toBe("ESTABLISHED");
  expect(await sharded.procNetNfConntrackExpect()).toMatch(/dst=10\.0\.0\.1 sport=0 dport=5120 ftp/);
  expect(await sharded.expectations()).toMatchObject([{ helper: "ftp", tuple: { dport: 5120 } }]);
  const data = tcp({ src: ends.dst, dst: ends.src, sport: 20, dport: 5120, flags: "SYN" });
  expect((await track(sharded, [data])).ctState(0)).toBe("RELATED");
  const [flow] = await all(sharded.flows({ dport: 5120 }));
  expect(flow?.master?.original).toMatchObject(ends);
});

it("tells of each packet what one engine tells", async () => {
  const sharded = await create();
  const ends = { src: "10.0.0.1", dst: "10.0.0.2", sport: 1000, dport: 80 };
  const back = { src: ends.dst, dst: ends.src, sport: 80, dport: 1000 };
  const batch = await track(sharded, [
    tcp({ ...ends, flags: "SYN", seq: 1 }),
    tcp({ ...back, flags: "SYN,ACK", seq: 1, ack: 2 }),
    tcp({ ...ends, flags: "SYN,FIN" }),
  ]);
  expect([0, 1, 2].map((i) => batch.ctState(i))).toEqual(["NEW", "ESTABLISHED", "INVALID"]);
  expect([0, 1, 2].map((i) => batch.direction(i))).toEqual(["original", "reply", undefined]);
  expect([0, 1, 2].map((i) => batch.verdict(i))).toEqual(["ACCEPT", "ACCEPT", "ACCEPT"]);
  expect([0, 1, 2].map((i) => batch.reason(i))).toEqual([undefined, undefined, "TCP_FLAGS"]);
  expect(() => batch.ctState(3)).toThrow(code("CT_BAD_OPTION"));
});

it("tracks several batches in their order, and what is asked between them in its turn", async () => {
  const sharded = await create({ sysctl: { nf_conntrack_udp_timeout: 30 } });
  const batches = Array.from({ length: 8 }, (_, i) => {
    const batch = sharded.createBatch(64);
    for (let host = 0; host < 64; host++) batch.push(datagram(64 * i + host), i);
    return batch;
  });
  const counts = batches.map((batch) => {
    const done = sharded.trackBatch(batch);
    return Promise.all([sharded.stats(), done]).then(([{ entries }]) => entries);
  });
  sharded.setSysctl("nf_conntrack_udp_timeout", 77);
  const last = track(sharded, [datagram(9999)], 8);
  expect(await Promise.all(counts)).toEqual([64, 128, 192, 256, 320, 384, 448, 512]);
  await last;
  const timeouts = (await all(sharded.flows())).map(({ timeout }) => timeout);
  expect(timeouts.filter((timeout) => timeout > 30)).toEqual([77]);
  expect(timeouts.length).toBe(513);
});

it("tracks what has been pushed since", async () => {
  const sharded = await create();
  const batch = sharded.createBatch(3);
  batch.push(datagram(1), 0);
  await sharded.trackBatch(batch);
  expect(batch.ctStates.length).toBe(1);
  batch.push(datagram(2), 1);
  batch.push(datagram(2), 1);
  expect(batch.push(datagram(3), 1)).toBe(false);
  await sharded.trackBatch(batch);
  expect((await sharded.stats()).entries).toBe(2);
  expect(batch.ctStates.length).toBe(3);
});

it("uses all shards, and has the clock of the last packet in all of them", async () => {
  const sharded = await create({ shards: 4, sysctl: { nf_conntrack_max: 0 } });
  await track(
    sharded,
    Array.from({ length: 1000 }, (_, i) => datagram(i)),
  );
  await track(sharded, [datagram(0)], 10_000);
  const flows = await all(sharded.flows());
  expect(flows.filter(({ timeout }) => timeout === 20).length).toBe(999);
  const shares = [0, 1, 2, 3].map(
    (part) => flows.filter(({ id }) => Math.floor(id / 2 ** 32) === part).length,
  );
  // A thousand pairs of addresses: less than 180 in one of four happens once in a million times.
  expect(Math.min(...shares)).toBeGreaterThan(180);
});

it("has the times of packets in the order in which they are tracked, not pushed", async () => {
  const one = await Conntrack.create();
  const sharded = await create();
  const options = { bytes: 1 << 18 };
  // More than are dealt out at a time.
  const fill = <T extends { push(packet: Uint8Array, time: number): boolean }>(batch: T, time: number): T => {
    for (let host = 0; host < 2500; host++) expect(batch.push(datagram(host), time)).toBe(true);
    return batch;
  };
  const times = [Number.NaN, -5, 2000, 100, Number.NaN, 1000];
  for (const time of times) one.trackBatch(fill(one.createBatch(2500, options), time));
  const batches = times.map((time) => ({ time, batch: sharded.createBatch(2500, options) }));
  for (const { batch, time } of batches.toReversed()) fill(batch, time);
  fill(sharded.createBatch(2500, options), 99_999).clear();
  for (const { batch } of batches) await sharded.trackBatch(batch);
  expect(sorted(await sharded.procNetNfConntrack())).toEqual(sorted(one.procNetNfConntrack()));
  const when = ({ kind, time }: { kind: string; time: number }) => `${kind} ${time}`;
  expect((await sharded.drainEvents()).map(when)).toEqual(one.drainEvents().map(when));
});

it("divides limits by the shards", async () => {
  const sharded = await create({ sysctl: { nf_conntrack_max: 101 } });
  expect(sharded.getSysctl("net.netfilter.nf_conntrack_max")).toBe(101);
  await track(
    sharded,
    Array.from({ length: 1000 }, (_, i) => datagram(i)),
  );
  // Half of them, rounded up, in each.
  const { entries, drop, early_drop } = await sharded.stats();
  expect([entries, drop + early_drop]).toEqual([102, 898]);
  sharded.setSysctl("nf_conntrack_max", 0);
  await track(
    sharded,
    Array.from({ length: 1000 }, (_, i) => datagram(i)),
  );
  expect((await sharded.memory()).flows).toBe(1000);
});

it("changes, deletes, enters and expires flows wherever they are", async () => {
  const sharded = await create({ shards: 3 });
  await track(
    sharded,
    Array.from({ length: 300 }, (_, i) => datagram(i)),
  );
  expect(await sharded.update({ src: "10.0.0.0/24" }, { mark: 5 })).toBe(256);
  expect(await sharded.delete({ mark: 5 })).toBe(256);
  const original = { src: "10.9.0.1", dst: "10.9.0.2", sport: 1, dport: 2 };
  const flow = { protocol: "tcp", original, timeout: 100 };
  expect(await sharded.insert(flow)).toBe(true);
  expect(await sharded.insert(flow)).toBe(false);
  const answer = await track(sharded, [
    tcp({ src: "10.9.0.2", dst: "10.9.0.1", sport: 2, dport: 1, flags: "ACK" }),
  ]);
  expect(answer.ctState(0)).toBe("ESTABLISHED");
  expect(await sharded.procNetNfConntrack()).toMatch(/^ipv4 {5}2 tcp .* src=10\.9\.0\.1 /m);
  expect(await sharded.expire({ time: 40_000 })).toBe(44);
  expect(await sharded.flush()).toBe(1);
  expect((await sharded.drainEvents()).filter(({ kind }) => kind === "DESTROY").length).toBe(301);
});

it("holds more calls than the ring has places", async () => {
  const sharded = await create();
  for (let i = 0; i < 3000; i++) sharded.setSysctl("nf_conntrack_udp_timeout", 1000 + i);
  await track(sharded, [datagram(1)]);
  expect((await all(sharded.flows()))[0]?.timeout).toBe(3999);
});

describe("refuses", () => {
  it("options that one engine refuses", async () => {
    await expect(create({ shards: 0 })).rejects.toEqual(code("CT_BAD_OPTION", /shards/));
    await expect(create({ shards: 1.5 })).rejects.toEqual(code("CT_BAD_OPTION", /shards/));
    await expect(create({ eventCapacity: -1 })).rejects.toEqual(code("CT_BAD_OPTION", /eventCapacity/));
    await expect(create({ sysctl: { nonsense: 1 } })).rejects.toEqual(code("CT_BAD_SYSCTL", /nonsense/));
    const sharded = await create();
    expect(() => sharded.setSysctl("nf_conntrack_max", -1)).toThrow(code("CT_BAD_SYSCTL"));
    expect(() => sharded.createBatch(0)).toThrow(code("CT_BAD_OPTION", /capacity/));
    expect(() => sharded.addHelper({ name: "none" })).toThrow(code("CT_BAD_OPTION"));
    expect(() => sharded.addHelper({ name: "ftp", port: 70_000 })).toThrow(code("CT_BAD_OPTION", /port/));
    await expect(sharded.delete({ protocol: "none" })).rejects.toEqual(code("CT_BAD_OPTION", /protocol/));
    await expect(sharded.flows({ zone: -1 }).next()).rejects.toEqual(code("CT_BAD_OPTION", /zone/));
  });

  it.each(["irc", "sip", "RAS", "Q.931"])(
    "helper %s, whose connections may have other ends",
    async (name) => {
      const sharded = await create();
      expect(() => sharded.addHelper({ name })).toThrow(code("CT_BAD_OPTION", /third hosts/));
    },
  );

  it("flows whose directions have different addresses", async () => {
    const sharded = await create();
    const original = { src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 };
    const reply = { src: "10.0.0.2", dst: "10.0.0.3", sport: 2, dport: 1 };
    const flow = { protocol: "udp", original, reply, timeout: 10 };
    await expect(sharded.insert(flow)).rejects.toEqual(code("CT_BAD_OPTION", /translated/));
  });

  it("to touch a batch that is being tracked, and to track one that is not its own", async () => {
    const [sharded, other] = [await create(), await create()];
    const batch = sharded.createBatch(4);
    batch.push(datagram(1), 0);
    const done = sharded.trackBatch(batch);
    expect(() => batch.push(datagram(1), 0)).toThrow(code("CT_BAD_OPTION", /being tracked/));
    expect(() => batch.clear()).toThrow(code("CT_BAD_OPTION", /being tracked/));
    expect(() => sharded.releaseBatch(batch)).toThrow(code("CT_BAD_OPTION", /being tracked/));
    await expect(sharded.trackBatch(batch)).rejects.toEqual(code("CT_BAD_OPTION", /being tracked/));
    await done;
    await expect(other.trackBatch(batch)).rejects.toEqual(code("CT_BAD_OPTION", /another/));
    sharded.releaseBatch(batch);
    expect(batch.push(datagram(1), 0)).toBe(false);
    await expect(sharded.trackBatch(batch)).rejects.toEqual(code("CT_BAD_OPTION", /released/));
  });

  it("everything once it has been closed", async () => {
    const sharded = await create();
    const batch = sharded.createBatch(4);
    const waiting = sharded.stats();
    sharded.close();
    await expect(waiting).rejects.toEqual(code("CT_WORKER", /closed/));
    await expect(sharded.trackBatch(batch)).rejects.toEqual(code("CT_WORKER", /closed/));
    await expect(sharded.flush()).rejects.toEqual(code("CT_WORKER", /closed/));
  });

  it("everything once a worker has died", async () => {
    const sharded = await create();
    const batch = sharded.createBatch(4);
    batch.push(datagram(1), 0);
    const { memory } = internalsOfBatch(batch);
    const handOut = memory.handOut.bind(memory);
    memory.handOut = (parts) => {
      // Such a deal nobody makes: its only packet is longer than memory.
      memory.dealWords.fill(0x7fffff00);
      handOut(parts);
    };
    await expect(sharded.trackBatch(batch)).rejects.toEqual(
      code("CT_WORKER", /has died: packet .* cannot be read/),
    );
    await expect(sharded.stats()).rejects.toEqual(code("CT_WORKER", /has died/));
  });

  it("to begin where there is no shared memory", async () => {
    const kept = globalThis.SharedArrayBuffer;
    try {
      Object.assign(globalThis, { SharedArrayBuffer: undefined });
      await expect(create()).rejects.toEqual(code("CT_WORKER", /cross-origin isolated/));
    } finally {
      Object.assign(globalThis, { SharedArrayBuffer: kept });
    }
  });
});
