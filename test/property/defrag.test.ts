import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Conntrack } from "../../src/index.js";
import { ipv4, ipv6, ipv6Fragment, ranges, udpSegment } from "../unit/fragments.js";

const SIX = { ipv4: false, ipv6: true } as const;
const runs = { numRuns: 60 };

const newConntrack = (sysctl: Record<string, number> = {}) =>
  Conntrack.create({ sysctl: { nf_conntrack_checksum: 0, ...sysctl } });

/** A payload and where it is cut. */
const split = fc
  .tuple(
    fc.integer({ min: 16, max: 60000 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
  )
  .map(([length, cuts]) => ({ length, pieces: ranges(length, [8, ...cuts.map((cut) => cut * length)]) }));

const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

describe.each(["ipv4", "ipv6"] as const)("%s", (family) => {
  const six = SIX[family];
  const fragment = (payload: Uint8Array, [from, to]: readonly [number, number], id: number) =>
    six ? ipv6Fragment({ payload, from, to, id }) : ipv4({ payload, from, to, id });
  const whole = (payload: Uint8Array, id: number) => (six ? ipv6(payload) : ipv4({ payload, id }));

  it("gives back a datagram, however it is cut and in whichever order its pieces come", async () => {
    const order = split.chain((datagram) =>
      shuffled(datagram.pieces).map((pieces) => ({ ...datagram, pieces })),
    );
    await fc.assert(
      fc.asyncProperty(order, async ({ length, pieces }) => {
        const conntrack = await newConntrack();
        const payload = udpSegment(length);
        const results = pieces.map((piece) => conntrack.track(fragment(payload, piece, 7), { time: 0 }));
        const last = results.pop()!;
        expect(results.every(({ verdict }) => verdict === "STOLEN")).toBe(true);
        expect(last.ctState).toBe("NEW");
        expect(Buffer.compare(last.datagram!, whole(payload, 7))).toBe(0);
        expect(conntrack.memory().fragmentBytes).toBe(0);
        // what leaves is the datagram again, to whoever puts it together
        const next = await newConntrack();
        const again = last.packets.map((packet) => next.track(packet, { time: 0 })).at(-1)!;
        const sum = again.datagram ?? again.packets[0]!;
        expect(Buffer.compare(sum, last.datagram!)).toBe(0);
      }),
      runs,
    );
  });

  it("does not mix the pieces of datagrams that come at the same time", async () => {
    const many = fc
      .array(
        split.filter(({ pieces }) => pieces.length > 1),
        { minLength: 2, maxLength: 6 },
      )
      .chain((datagrams) =>
        shuffled(
          datagrams.flatMap(({ length, pieces }, id) => pieces.map((piece) => ({ id, length, piece }))),
        ),
      );
    await fc.assert(
      fc.asyncProperty(many, async (pieces) => {
        const conntrack = await newConntrack({ "net.ipv4.ipfrag_max_dist": 0 });
        const batch = conntrack.createBatch(pieces.length, { bytes: 1 << 22 });
        for (const { id, length, piece } of pieces) {
          expect(batch.push(fragment(udpSegment(length, 5000 + id), piece, id), 0)).toBe(true);
        }
        conntrack.trackBatch(batch);
        const found = new Map<number, Uint8Array>();
        pieces.forEach(({ id }, i) => {
          const datagram = batch.datagram(i);
          if (datagram) found.set(id, datagram);
        });
        for (const { id, length } of pieces) {
          expect(Buffer.compare(found.get(id)!, whole(udpSegment(length, 5000 + id), id))).toBe(0);
        }
        expect(conntrack.memory().fragmentBytes).toBe(0);
        batch.release();
      }),
      { numRuns: 30 },
    );
  });

  it("stays within its memory under a flood of random fragments", async () => {
    const threshold = 200_000;
    const flood = fc.array(
      fc.record({
        id: fc.integer({ min: 0, max: 300 }),
        from: fc.integer({ min: 0, max: 8191 }).map((units) => units * 8),
        length: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 6000 })),
        more: fc.boolean(),
        step: fc.integer({ min: 0, max: 2000 }),
      }),
      { minLength: 200, maxLength: 1500 },
    );
    const setting = six ? "nf_conntrack_frag6_high_thresh" : "net.ipv4.ipfrag_high_thresh";
    const before = await newConntrack();
    const room = before.memory().bytes + threshold + 8 * 65536;
    await fc.assert(
      fc.asyncProperty(flood, async (fragments) => {
        const conntrack = await newConntrack({ [setting]: threshold });
        let time = 0;
        for (const { id, from, length, more, step } of fragments) {
          time += step;
          const payload = new Uint8Array(length);
          const packet = six
            ? ipv6Fragment({ payload, more, id })
            : ipv4({ payload, more, id, source: [10, 0, 0, id & 255] });
          new DataView(packet.buffer).setUint16(
            six ? 42 : 6,
            six ? from | Number(more) : (from >> 3) | (more ? 0x2000 : 0),
          );
          if (!six) refreshChecksum(packet);
          conntrack.track(packet, { time });
          expect(conntrack.memory().fragmentBytes).toBeLessThanOrEqual(threshold);
        }
        expect(conntrack.memory().bytes).toBeLessThanOrEqual(room);
        // time gives all of it back, with the next fragments
        for (let i = 0; i < 1000; i++) {
          time += 100_000;
          const payload = udpSegment(64);
          conntrack.track(fragment(payload, [0, 32], 999), { time });
          conntrack.track(fragment(payload, [32, 64], 999), { time });
          if (conntrack.memory().fragmentBytes === 0) return;
        }
        expect(conntrack.memory().fragmentBytes).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});

function refreshChecksum(packet: Uint8Array): void {
  const view = new DataView(packet.buffer);
  view.setUint16(10, 0);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += view.getUint16(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(10, ~sum & 0xffff);
}
