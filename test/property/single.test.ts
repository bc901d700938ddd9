/** track() has a way into the engine of its own: one by one and in batches, packets must come to the same. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Conntrack, type ConntrackEvent } from "../../src/index.js";
import { PacketSource } from "../fuzz/packet-source.js";
import { randomNumbers, seedBytes } from "./harness.js";

const PACKETS = 200;
/** So that nothing is over before the end: when idle flows leave depends on where calls end. */
const MOST_WAIT = 20;

interface Sent {
  readonly packet: Uint8Array;
  readonly time: number;
  readonly wireLength: number;
}

/** An id comes from where the flow lies, and batches take memory, too. */
function withoutId(event: ConntrackEvent): ConntrackEvent {
  return "id" in event ? { ...event, id: 0 } : event;
}

it("agrees with batches", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.integer(),
        link: fc.nat(),
        hook: fc.constantFrom("PREROUTING" as const, "OUTPUT" as const),
        most: fc.constantFrom(2, 7, 64, PACKETS),
        checksum: fc.constantFrom(0, 1),
        timestamp: fc.constantFrom(0, 1),
        max: fc.constantFrom(8, 262144),
      }),
      async ({ seed, link: pick, hook, most, checksum, timestamp, max }) => {
        const source = new PacketSource(seed);
        const link = source.links[pick % source.links.length]!;
        const random = randomNumbers(seed);
        let time = 1000;
        const sent = Array.from({ length: PACKETS }, (): Sent => {
          const { bytes, wireLength } = source.next(link);
          time += random(2) * random(MOST_WAIT);
          return { packet: bytes.slice(), time, wireLength };
        });
        const create = async () => {
          const conntrack = await Conntrack.create({
            hashSeed: seedBytes(seed),
            sysctl: {
              nf_conntrack_checksum: checksum,
              nf_conntrack_timestamp: timestamp,
              nf_conntrack_acct: 1,
              nf_conntrack_max: max,
              nf_conntrack_log_invalid: 255,
            },
          });
          for (const name of ["ftp", "tftp", "pptp"]) conntrack.addHelper({ name });
          return conntrack;
        };

        const one = await create();
        const singles = sent.map(({ packet, ...options }) => one.track(packet, { ...options, link, hook }));

        const other = await create();
        const batch = other.createBatch(most, { link, hook });
        const batched: typeof singles = [];
        while (batched.length < PACKETS) {
          const size = Math.min(1 + random(most), PACKETS - batched.length);
          batch.clear();
          for (const { packet, time, wireLength } of sent.slice(batched.length, batched.length + size))
            batch.push(packet, time, wireLength);
          other.trackBatch(batch);
          for (let i = 0; i < size; i++) batched.push(batch.result(i));
        }

        for (const [i, single] of singles.entries()) {
          const twin = batched[i]!;
          expect(single.ctState).toBe(twin.ctState);
          expect(single.direction).toBe(twin.direction);
          expect(single.verdict).toBe(twin.verdict);
          expect(single.reason).toBe(twin.reason);
          expect(single.explain()).toBe(twin.explain());
          expect(single.packets).toEqual(twin.packets);
          expect(single.datagram).toEqual(twin.datagram);
          expect(single.flow?.line()).toBe(twin.flow?.line());
        }
        const [found, expected] = [one, other].map((conntrack) => ({
          table: conntrack.procNetNfConntrack(),
          expectations: conntrack.procNetNfConntrackExpect(),
          ended: conntrack.expire({ time: 1e9 }),
          events: conntrack.drainEvents().map(withoutId),
          log: conntrack.drainLog(),
          stats: conntrack.stats(),
          flows: conntrack.memory().flows,
        }));
        expect(found).toEqual(expected);
        expect(found?.flows).toBe(0);
      },
    ),
    { numRuns: 25 },
  );
});
