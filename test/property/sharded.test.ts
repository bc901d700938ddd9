/** Several engines and one are the same: of every packet, and of what is left in the table. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Batch, Conntrack, type LinkType, ShardedConntrack } from "../../src/index.js";
import { icmp, icmpError, tcp, udp } from "../../src/packet/index.js";
import { PacketSource } from "../fuzz/packet-source.js";
import { randomNumbers } from "./harness.js";

const CAPACITY = 512;
const SHARDS = 3;

interface Sent {
  readonly bytes: Uint8Array;
  readonly time: number;
  readonly wireLength?: number;
}

type Outcomes = Pick<Batch, "length" | "ctState" | "direction" | "verdict" | "reason">;

function outcomesOf(batch: Outcomes): string[] {
  return Array.from({ length: batch.length }, (_, i) =>
    [batch.ctState(i), batch.direction(i), batch.verdict(i), batch.reason(i)].join(" "),
  );
}

const sorted = (text: string) => text.split("\n").sort();

/** Fails where they differ. */
async function compare(packets: readonly Sent[], link: LinkType, shards = SHARDS): Promise<void> {
  const sysctl = { nf_conntrack_acct: 1, nf_conntrack_max: 0 };
  const one = await Conntrack.create({ sysctl });
  const several = await ShardedConntrack.create({ shards, sysctl });
  try {
    const expected = one.createBatch(CAPACITY, { link });
    const batches = [several.createBatch(CAPACITY, { link }), several.createBatch(CAPACITY, { link })];
    const found: Promise<string[]>[] = [Promise.resolve([]), Promise.resolve([])];
    const wanted: string[] = [];
    const got: string[] = [];
    for (let next = 0, turn = 0; next < packets.length; turn ^= 1) {
      const batch = batches[turn]!;
      got.push(...(await found[turn]!));
      batch.clear();
      expected.clear();
      for (; next < packets.length; next++) {
        const { bytes, time, wireLength } = packets[next]!;
        if (!expected.push(bytes, time, wireLength)) break;
        expect(batch.push(bytes, time, wireLength)).toBe(true);
      }
      one.trackBatch(expected);
      wanted.push(...outcomesOf(expected));
      found[turn] = several.trackBatch(batch).then(() => outcomesOf(batch));
      if (next === packets.length) got.push(...(await found[turn ^ 1]!), ...(await found[turn]!));
    }
    expect(got).toEqual(wanted);
    expect(sorted(await several.procNetNfConntrack())).toEqual(sorted(one.procNetNfConntrack()));
    expect(await several.countByState()).toEqual(one.countByState());
    const { entries: _, ...counters } = one.stats();
    expect(await several.stats()).toMatchObject(counters);
  } finally {
    several.close();
  }
}

it("of packets of all kinds, valid or not, under every link layer", async () => {
  const { links } = new PacketSource(0);
  for (const [i, link] of links.entries()) {
    const source = new PacketSource(1000 + i);
    const random = randomNumbers(i);
    let time = 1000;
    const packets = Array.from({ length: 1500 }, () => {
      const { bytes, wireLength } = source.next(link);
      // Sometimes a long pause, sometimes backwards, sometimes no time at all.
      time += random(50) === 0 ? random(100_000) - 5000 : random(20);
      return { bytes: bytes.slice(), wireLength, time: random(200) === 0 ? Number.NaN : time };
    });
    await compare(packets, link);
  }
});

const HOSTS = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "192.0.2.7"];
const HOSTS6 = ["2001:db8::1", "2001:db8::2", "2001:db8:1::1", "2001:db8:2::7"];
const step = fc.record({
  from: fc.nat(3),
  to: fc.nat(3),
  six: fc.boolean(),
  port: fc.nat(2),
  kind: fc.constantFrom("SYN", "SYN,ACK", "ACK", "RST", "FIN,ACK", "udp", "ping", "error"),
  later: fc.oneof({ weight: 9, arbitrary: fc.nat(50) }, fc.nat(200_000)),
});

it("of conversations between few hosts, with ICMP errors from their ends and from third hosts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 150 }), async (steps) => {
      let time = 1000;
      let last = udp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 });
      const packets = steps.map(({ from, to, six, port, kind, later }) => {
        const hosts = six ? HOSTS6 : HOSTS;
        const ends = { src: hosts[from]!, dst: hosts[to]! };
        const [sport, dport] = from < to ? [5000 + port, 80] : [80, 5000 + port];
        time += later;
        if (kind === "error") {
          const family = last[0]! >>> 4 === 6 ? HOSTS6 : HOSTS;
          return { bytes: icmpError(last, { src: family[from]!, error: "host-unreachable" }), time };
        }
        if (kind === "udp") last = udp({ ...ends, sport, dport });
        else if (kind === "ping")
          last = icmp({ src: HOSTS[from]!, dst: HOSTS[to]!, type: "echo-request", icmpId: port });
        else last = tcp({ ...ends, sport, dport, flags: kind });
        return { bytes: last, time };
      });
      await compare(packets, 101, 2);
    }),
    { numRuns: 8 },
  );
});
