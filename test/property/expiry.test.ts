import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connection } from "./connections.js";
import { checkTable, createHarness, type Harness } from "./harness.js";
import { ACK, FIN, RST, SYN, tcpPacket } from "./packet-builder.js";

const TICK_MS = 4;
const TICKS_PER_SECOND = 250;
/** 2^31 - 1 ticks. */
const LONGEST_TIMEOUT = Math.floor(0x7fffffff / TICKS_PER_SECOND);
const DAY = 86_400_000;
const YEAR = 365 * DAY;

const CLIENT = [10, 0, 0, 1];
const SERVER = [192, 0, 2, 80];

function fromClient(flags: number, seq: number, ack = 0, data: readonly number[] = []): Uint8Array {
  return tcpPacket(CLIENT, SERVER, { sport: 40_000, dport: 443, flags, seq, ack, data });
}
function fromServer(flags: number, seq: number, ack = 0): Uint8Array {
  return tcpPacket(SERVER, CLIENT, { sport: 443, dport: 40_000, flags, seq, ack });
}

const handshake = [fromClient(SYN, 1000), fromServer(SYN | ACK, 5000, 1001), fromClient(ACK, 1001, 5001)];
const udp = connection(1);
const icmp = connection(4);
const icmp6 = connection(5);
const gre = connection(6);
const other = connection(7);

interface Case {
  readonly sysctl: string;
  /** Linux's default, in seconds. */
  readonly seconds: number;
  /** The flow is opened by the first packet; the last one sets the timeout. */
  readonly packets: readonly Uint8Array[];
}

const CASES: readonly Case[] = [
  { sysctl: "udp_timeout", seconds: 30, packets: [udp.packet(0)] },
  { sysctl: "udp_timeout", seconds: 30, packets: [udp.packet(0), udp.packet(1)] },
  { sysctl: "icmp_timeout", seconds: 30, packets: [icmp.packet(0)] },
  { sysctl: "icmpv6_timeout", seconds: 30, packets: [icmp6.packet(0), icmp6.packet(1)] },
  { sysctl: "gre_timeout", seconds: 30, packets: [gre.packet(0)] },
  { sysctl: "gre_timeout_stream", seconds: 180, packets: [gre.packet(0), gre.packet(1), gre.packet(1)] },
  { sysctl: "generic_timeout", seconds: 600, packets: [other.packet(0)] },
  { sysctl: "tcp_timeout_syn_sent", seconds: 120, packets: handshake.slice(0, 1) },
  { sysctl: "tcp_timeout_syn_recv", seconds: 60, packets: handshake.slice(0, 2) },
  { sysctl: "tcp_timeout_established", seconds: 432_000, packets: handshake },
  {
    sysctl: "tcp_timeout_unacknowledged",
    seconds: 300,
    packets: [...handshake, fromClient(ACK, 1001, 5001, [1, 2, 3])],
  },
  {
    sysctl: "tcp_timeout_fin_wait",
    seconds: 120,
    packets: [...handshake, fromClient(FIN | ACK, 1001, 5001)],
  },
  { sysctl: "tcp_timeout_close", seconds: 10, packets: [...handshake, fromClient(RST, 1001)] },
];

/** The first moment, in ms, at which a flow whose timeout was set at `time` is over. */
function endOf(time: number, seconds: number): number {
  return (Math.floor(time / TICK_MS) + seconds * TICKS_PER_SECOND) * TICK_MS;
}

/** The last moment before `time` that is another tick's. */
const justBefore = (time: number) => time - TICK_MS / 2;

function trackAll({ ct }: Harness, packets: readonly Uint8Array[], time: number): void {
  for (const packet of packets) expect(ct.track(packet, { time }).reason).toBeUndefined();
}

const entries = ({ ct }: Harness) => ct.stats().entries;
const listed = ({ ct }: Harness) => [...ct.flows()].length;

/** Zero, today, before zero, and where 32 bits of ticks run over. */
const anyStart = fc.oneof(
  fc.double({ min: 0, max: 1e7, noNaN: true }),
  fc.double({ min: 1.6e12, max: 2e12, noNaN: true }),
  fc.integer({ min: -(2 ** 40), max: 0 }),
  fc.integer({ min: -1e6, max: 1e6 }).map((ms) => 2 ** 33 + ms),
  fc.integer({ min: -1e6, max: 1e6 }).map((ms) => 2 ** 34 + ms),
);
const anySeconds = fc.oneof(
  fc.integer({ min: 1, max: 1000 }),
  fc.integer({ min: 1, max: LONGEST_TIMEOUT }),
  fc.integer({ min: LONGEST_TIMEOUT - 2, max: LONGEST_TIMEOUT }),
);

describe("a flow's timeout", () => {
  it.each(CASES)("$sysctl is Linux's by default, to the tick", async ({ sysctl, seconds, packets }) => {
    const harness = await createHarness();
    const time = 1_700_000_000_001;
    expect(harness.ct.getSysctl(`nf_conntrack_${sysctl}`)).toBe(seconds);
    trackAll(harness, packets, time);
    const end = endOf(time, seconds);
    expect(harness.ct.expire({ time: justBefore(end) })).toBe(0);
    expect([listed(harness), entries(harness)]).toEqual([1, 1]);
    expect(harness.ct.expire({ time: end })).toBe(1);
    expect([listed(harness), entries(harness)]).toEqual([0, 0]);
  });

  it("holds for packets that come in the last tick, and not for those in the next", async () => {
    const anyCase = fc.constantFrom(...CASES.filter(({ packets }) => packets.length === 1));
    const property = fc.asyncProperty(
      anyCase,
      anyStart,
      anySeconds,
      async ({ sysctl, packets }, start, seconds) => {
        // The timeout in question, and one that caps those of TCP.
        const names = [sysctl, "tcp_timeout_max_retrans"];
        const harness = await createHarness({
          sysctl: Object.fromEntries(names.map((name) => [`nf_conntrack_${name}`, seconds])),
        });
        const { ct } = harness;
        trackAll(harness, packets, start);
        const end = endOf(start, seconds);
        ct.procNetNfConntrack({ time: justBefore(end) });
        expect(listed(harness)).toBe(1);
        // Not a new flow: judged as one, but not entered.
        expect(ct.track(packets[0]!, { time: justBefore(end), confirm: false }).flow).toBeDefined();
        const refreshed = sysctl !== "tcp_timeout_syn_sent";
        const newEnd = refreshed ? endOf(justBefore(end), seconds) : end;
        ct.procNetNfConntrack({ time: justBefore(newEnd) });
        expect(listed(harness)).toBe(1);
        expect(ct.track(packets[0]!, { time: newEnd, confirm: false }).flow).toBeUndefined();
        expect(entries(harness)).toBe(0);
        checkTable(harness);
      },
    );
    await fc.assert(property, { seed: 20_253, numRuns: 300 });
  });

  it("does not let the sweep take a flow early or leave it longer", async () => {
    const property = fc.asyncProperty(anyStart, anySeconds, async (start, seconds) => {
      const harness = await createHarness({ sysctl: { nf_conntrack_udp_timeout: seconds } });
      trackAll(harness, [udp.packet(0)], start);
      const end = endOf(start, seconds);
      for (const share of [0.3, 0.6, 0.9]) {
        expect(harness.ct.expire({ time: start + share * (end - start - TICK_MS) })).toBe(0);
      }
      expect(harness.ct.expire({ time: justBefore(end) })).toBe(0);
      expect(harness.ct.expire({ time: end })).toBe(1);
    });
    await fc.assert(property, { seed: 20_254, numRuns: 300 });
  });
});

describe("a timeout that gets shorter", () => {
  const time = 5000;

  it("because the connection is reset", async () => {
    const harness = await createHarness();
    trackAll(harness, handshake, time);
    harness.ct.expire({ time: time + DAY });
    trackAll(harness, [fromServer(RST | ACK, 5001, 1001)], time + DAY);
    expect(harness.ct.expire({ time: justBefore(endOf(time + DAY, 10)) })).toBe(0);
    expect(harness.ct.expire({ time: endOf(time + DAY, 10) })).toBe(1);
  });

  it("because the sysctl does, from the next packet on", async () => {
    const harness = await createHarness();
    trackAll(harness, [other.packet(0)], time);
    harness.ct.setSysctl("nf_conntrack_generic_timeout", 5);
    expect(harness.ct.expire({ time: justBefore(endOf(time, 600)) })).toBe(0);
    trackAll(harness, [other.packet(0)], justBefore(endOf(time, 600)));
    const end = endOf(justBefore(endOf(time, 600)), 5);
    expect(harness.ct.expire({ time: justBefore(end) })).toBe(0);
    expect(harness.ct.expire({ time: end })).toBe(1);
  });

  it("because update() says so", async () => {
    const harness = await createHarness();
    trackAll(harness, handshake, time);
    trackAll(harness, [udp.packet(0)], time);
    expect(harness.ct.update({ protocol: "tcp" }, { timeout: 3 })).toBe(1);
    expect(harness.ct.expire({ time: justBefore(endOf(time, 3)) })).toBe(0);
    expect(harness.ct.expire({ time: endOf(time, 3) })).toBe(1);
    expect(listed(harness)).toBe(1);
  });

  it("and longer again, and shorter, is the one last set", async () => {
    const anyTimeouts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });
    const property = fc.asyncProperty(anyTimeouts, fc.boolean(), async (timeouts, sweeping) => {
      const harness = await createHarness();
      let now = time;
      let end = endOf(now, 600);
      trackAll(harness, [other.packet(0)], now);
      for (const seconds of timeouts) {
        now = Math.min(now + 2000, justBefore(end));
        if (sweeping) harness.ct.expire({ time: now });
        harness.ct.setSysctl("nf_conntrack_generic_timeout", seconds);
        trackAll(harness, [other.packet(0)], now);
        end = endOf(now, seconds);
      }
      expect(harness.ct.expire({ time: justBefore(end) })).toBe(0);
      expect(harness.ct.expire({ time: end })).toBe(1);
    });
    await fc.assert(property, { seed: 20_255, numRuns: 200 });
  });

  it("is honoured where another flow with a longer one has been", async () => {
    const harness = await createHarness();
    for (let round = 0; round < 5; round++) {
      const now = time + round * YEAR;
      trackAll(harness, handshake, now);
      harness.ct.expire({ time: now + 10 * DAY });
      trackAll(harness, [udp.packet(0)], now + 10 * DAY);
      expect(harness.ct.expire({ time: endOf(now + 10 * DAY, 30) })).toBe(1);
      expect(entries(harness)).toBe(0);
    }
  });
});
