import { describe, expect, it } from "vitest";
import { Conntrack } from "../../src/index.js";
import { icmpPacket, SYN, tcpPacket, udpPacket } from "../property/packet-builder.js";

const CLIENT = [10, 0, 0, 1];
const SERVER = [192, 0, 2, 1];
const FLAGLESS = tcpPacket(CLIENT, SERVER, { sport: 1000, dport: 80, flags: 0 });
const BAD_UDP = udpPacket(CLIENT, SERVER, 1000, 53).with(26, 0x12).with(27, 0x34);

function create(log: number, more: Record<string, number> = {}) {
  return Conntrack.create({ sysctl: { nf_conntrack_log_invalid: log, ...more } });
}

describe("nf_conntrack_log_invalid", () => {
  it("0 logs nothing", async () => {
    const ct = await create(0);
    ct.track(FLAGLESS, { time: 0 });
    expect(ct.drainLog()).toEqual([]);
  });

  it("255 logs each packet that is invalid or ignored, as the kernel's log has it", async () => {
    const ct = await create(255);
    ct.track(FLAGLESS, { time: 5 });
    const [entry, ...others] = ct.drainLog();
    expect(others).toEqual([]);
    expect(entry).toEqual({
      time: 5,
      level: 5,
      prefix: "nf_ct_proto_6: invalid tcp flag combination ",
      packet: FLAGLESS,
      rule: undefined,
      group: undefined,
      text:
        "nf_ct_proto_6: invalid tcp flag combination IN= OUT= SRC=10.0.0.1 DST=192.0.2.1 LEN=40 TOS=0x00 PREC=0x00 " +
        "TTL=64 ID=0 DF PROTO=TCP SPT=1000 DPT=80 SEQ=0 ACK=0 WINDOW=65535 RES=0x00 URGP=0 ",
    });
    expect(ct.drainLog()).toEqual([]);
  });

  it("logs one protocol only, when it is that protocol's number", async () => {
    const ct = await create(17);
    ct.track(FLAGLESS, { time: 0 });
    ct.track(BAD_UDP, { time: 0 });
    expect(ct.drainLog().map(({ prefix }) => prefix)).toEqual(["nf_ct_proto_17: bad checksum "]);
  });

  it("says nothing of packets that Linux says nothing of", async () => {
    const ct = await create(255);
    ct.track(icmpPacket(CLIENT, SERVER, 0, 0, 0), { time: 0 });
    expect(ct.drainLog()).toEqual([]);
  });

  it("keeps what fits, in order, and counts what does not", async () => {
    const ct = await create(255);
    let kept = 0;
    let lost = 0;
    for (let round = 0; round < 3; round++) {
      const packets = round === 1 ? 100 : 20_000;
      const start = round * 100_000;
      for (let i = 0; i < packets; i++) ct.track(FLAGLESS, { time: start + i });
      const entries = ct.drainLog();
      expect(entries.map(({ time }) => time)).toEqual(entries.map((_, i) => start + i));
      expect(entries.every(({ packet }) => packet?.length === FLAGLESS.length)).toBe(true);
      kept += entries.length;
      lost += ct.takeLostLogEntries();
    }
    expect(kept + lost).toBe(40_100);
    expect(lost).toBeGreaterThan(0);
    expect(ct.takeLostLogEntries()).toBe(0);
  });

  it("keeps packets of all lengths whole while the ring goes round", async () => {
    const ct = await create(255);
    const sent: number[] = [];
    const seen: number[] = [];
    for (let i = 0; i < 3000; i++) {
      const data = new Uint8Array((i * 7919) % 1400).fill(i);
      ct.track(tcpPacket(CLIENT, SERVER, { sport: i, dport: 80, flags: 0, data }), { time: i });
      sent.push(data.length);
      if (i % 97) continue;
      for (const { packet } of ct.drainLog()) {
        expect(new Set(packet!.subarray(40)).size).toBeLessThan(2);
        seen.push(packet!.length - 40);
      }
    }
    expect(seen).toEqual(sent.slice(0, seen.length));
    expect(ct.takeLostLogEntries()).toBe(0);
  });
});

describe("a full table", () => {
  const open = (ct: Conntrack, port: number, time: number) =>
    ct.track(tcpPacket(CLIENT, SERVER, { sport: port, dport: 80, flags: SYN }), { time });

  it("is told of, ten times in five seconds at most", async () => {
    const ct = await create(0, { nf_conntrack_max: 1 });
    const told: string[] = [];
    open(ct, 1, 0);
    // An assured flow, which nobody evicts.
    ct.update({}, { status: 0x6 });
    for (let i = 0; i < 25; i++) expect(open(ct, 2 + i, 1).reason).toBe("TABLE_FULL");
    for (const { level, text, packet } of ct.drainLog()) {
      expect(level).toBe(4);
      expect(packet).toBeUndefined();
      told.push(text);
    }
    const full = "nf_conntrack: nf_conntrack: table full in netns 4026531840, dropping packet";
    expect(told).toEqual(Array(10).fill(full));
    open(ct, 100, 6000);
    expect(ct.drainLog().map(({ text }) => text)).toEqual(["net_ratelimit: 15 callbacks suppressed", full]);
  });
});

describe("a helper that refuses a packet", () => {
  it("says why, whatever nf_conntrack_log_invalid is", async () => {
    const ct = await create(0);
    ct.addHelper({
      name: "picky",
      protocol: "udp",
      port: 53,
      classes: [{ max: 1, timeout: 1 }],
      packet: () => ({ drop: "I do not like it" }),
    });
    const query = udpPacket(CLIENT, SERVER, 1, 53);
    expect(ct.track(query, { time: 0 })).toMatchObject({ verdict: "DROP", reason: "HELPER_DROP" });
    const [entry] = ct.drainLog();
    expect(entry!.text).toMatch(
      /^nf_ct_picky: dropping packet: I do not like it IN= OUT= SRC=10\.0\.0\.1 .*DPT=53/,
    );
    expect(entry!.packet).toEqual(query);
  });
});
