/** A ShardedBatch takes what a Batch takes. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Conntrack, type PacketArray } from "../../src/index.js";
import { internalsOfBatch, ShardedBatch } from "../../src/sharded/sharded-batch.js";

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
    fc.property(pieces, fc.integer({ min: 64, max: 200 }), (arrays, bytes) => {
      const expected = conntrack.createBatch(16, { bytes });
      const found = new ShardedBatch(16, { bytes });
      const { memory, begin } = internalsOfBatch(found);
      const wanted: number[][] = [];
      const wires: number[] = [];
      for (const [packets, cut, skip] of arrays) {
        const array = arrayOf(packets, cut, skip);
        const added = expected.pushAll(array);
        expect(found.pushAll(array)).toBe(added);
        for (let i = 0; i < added; i++) {
          const [offset, length] = [array.offsets[i]!, Math.min(array.lengths[i]!, bytes)];
          wanted.push([...array.bytes.subarray(offset, offset + length)]);
          wires.push("wireLengths" in array ? array.wireLengths[i]! : array.lengths[i]!);
        }
      }
      expected.release();
      expect(found.length).toBe(wanted.length);
      const { offsets, lengths } = memory;
      const got = wanted.map((_, i) => [...memory.bytes.subarray(offsets[i]!, offsets[i]! + lengths[i]!)]);
      expect(got).toEqual(wanted);
      begin(1);
      const told = memory.cut ? memory.wireLengths : memory.lengths;
      expect([...told.subarray(0, wires.length)]).toEqual(wires);
    }),
    { numRuns: 300 },
  );
});
