/** A ShardedBatch takes what a Batch takes. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Conntrack, type PacketArray } from "../../src/index.js";
import { Dealer } from "../../src/sharded/dealer.js";
import { internalsOfBatch, ShardedBatch } from "../../src/sharded/sharded-batch.js";
import { randomNumbers } from "./harness.js";

const packet = fc.record({
  /** From the end of the packet before it; below 0 they overlap. */
  gap: fc.oneof({ weight: 9, arbitrary: fc.nat(9) }, fc.integer({ min: -20, max: 300 })),
  length: fc.oneof({ weight: 6, arbitrary: fc.nat(40) }, fc.integer({ min: -1, max: 200 })),
  cut: fc.nat(3),
});

function arrayOf(
  packets: readonly { gap: number; length: number; cut: number }[],
  cut: boolean,
  skip: number,
) {
  const offsets: number[] = [];
  for (const [i, { gap }] of packets.entries()) {
    offsets.push(i === 0 ? Math.abs(gap) : offsets[i - 1]! + packets[i - 1]!.length + gap);
  }
  const lengths = packets.map(({ length }) => length);
  const bytes = Uint8Array.from({ length: 400 + skip }, (_, i) => i * 7).subarray(skip);
  const array: PacketArray = {
    bytes,
    count: packets.length,
    offsets,
    lengths,
    times: offsets.map((_, i) => i),
  };
  return cut ? { ...array, wireLengths: packets.map(({ length, cut }) => length + cut) } : array;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");

interface Found {
  readonly bytes: string;
  readonly time: number;
  readonly wireLength: number;
}

/** What a batch hands out, by number of packet; all of it, whoever gets it. */
function dealtOut(batch: ShardedBatch, dealer: Dealer): Found[] {
  const { memory, begin, end } = internalsOfBatch(batch);
  begin();
  const found: Found[] = [];
  for (const hand of dealer.hands(memory)) {
    for (let i = 0; i < hand.count; i++) {
      const [offset, length] = [hand.offsets[i]!, hand.lengths[i]!];
      expect(found[hand.numbers[i]!], "dealt out once").toBe(undefined);
      found[hand.numbers[i]!] = {
        bytes: hex(hand.bytes.slice(offset, offset + length)),
        time: hand.times[i]!,
        wireLength: (hand.wireLengths ?? hand.lengths)[i]!,
      };
    }
  }
  end(true);
  return found;
}

/** Where they are copied to they end behind 64 bytes. */
const full = [5, 8, 2, 37].map((length, i) => ({ gap: i % 2 ? 5 : 0, length, cut: 0 }));

it("takes as many packets, and all of their bytes", async () => {
  const conntrack = await Conntrack.create();
  const pieces = fc.array(
    fc.tuple(fc.array(packet, { minLength: 1, maxLength: 12 }), fc.boolean(), fc.nat(9)),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(
      pieces,
      fc.integer({ min: 64, max: 200 }),
      fc.integer({ min: 1, max: 3 }),
      (arrays, bytes, shards) => {
        const dealer = new Dealer(shards);
        const expected = conntrack.createBatch(16, { bytes });
        const found = new ShardedBatch(dealer, 16, { bytes });
        const wanted: Found[] = [];
        for (const [packets, cut, skip] of arrays) {
          const array = arrayOf(packets, cut, skip);
          const added = expected.pushAll(array);
          expect(found.pushAll(array)).toBe(added);
          for (let i = 0; i < added; i++) {
            const [offset, length] = [array.offsets[i]!, Math.min(array.lengths[i]!, bytes)];
            wanted.push({
              bytes: hex(array.bytes.subarray(offset, offset + length)),
              // The latest so far: that of each array begin at 0.
              time: Math.max(wanted.at(-1)?.time ?? 0, array.times[i]!),
              wireLength: (array.wireLengths ?? array.lengths)[i]!,
            });
          }
        }
        expected.release();
        expect(found.length).toBe(wanted.length);
        expect(dealtOut(found, dealer)).toEqual(wanted);
      },
    ),
    {
      numRuns: 200,
      examples: [
        [
          [
            [full, false, 3],
            [[{ gap: 0, length: 0, cut: 0 }], false, 0],
          ],
          64,
          1,
        ],
      ],
    },
  );
});

it("takes more than is dealt out at a time", async () => {
  // Loads the module.
  await Conntrack.create();
  const random = randomNumbers(1);
  const dealer = new Dealer(3);
  const batch = new ShardedBatch(dealer, 5000, { bytes: 1 << 22 });
  for (let round = 0; round < 2; round++) {
    const lengths = Array.from({ length: 5000 }, () => (random(40) ? random(200) : random(20_000)));
    const offsets = lengths.map(() => 0);
    for (let i = 1; i < lengths.length; i++) offsets[i] = offsets[i - 1]! + lengths[i - 1]! + random(9);
    const bytes = Uint8Array.from({ length: offsets.at(-1)! + lengths.at(-1)! }, () => random(256));
    const array = { bytes, count: 5000, offsets, lengths, times: lengths.map((_, i) => i) };
    batch.clear();
    let added = batch.pushAll(array, 0, 2000);
    for (; added < 3000; added++) {
      const [offset, length] = [offsets[added]!, lengths[added]!];
      expect(batch.push(bytes.subarray(offset, offset + length), added)).toBe(true);
    }
    expect(dealtOut(batch, dealer).length).toBe(3000);
    added += batch.pushAll(array, added);
    expect(added).toBe(batch.length);
    const found = dealtOut(batch, dealer);
    for (let i = 3000; i < added; i++) {
      expect(found[i]?.bytes).toBe(hex(bytes.subarray(offsets[i]!, offsets[i]! + lengths[i]!)));
    }
  }
});
