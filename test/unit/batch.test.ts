import { expect, it } from "vitest";
import { Conntrack } from "../../src/index.js";
import { udp } from "../../src/packet/index.js";

it("takes the beginning of a packet that is longer than it is, so that loops over captures end", async () => {
  const conntrack = await Conntrack.create();
  const batch = conntrack.createBatch(4, { bytes: 1024 });
  const packet = udp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2, payload: new Uint8Array(2000) });
  const bytes = new Uint8Array([...packet, ...packet]);
  const lengths = [packet.length, packet.length];
  const packets = { bytes, count: 2, offsets: [0, packet.length], lengths, times: [1, 2] };
  const states: string[] = [];
  for (let next = 0; next < packets.count; ) {
    batch.clear();
    const added = batch.pushAll(packets, next);
    expect(added).toBe(1);
    conntrack.trackBatch(batch);
    states.push(batch.ctState(0));
    next += added;
  }
  expect(states).toEqual(["NEW", "NEW"]);
  const [flow] = conntrack.flows();
  expect(flow?.original.sport).toBe(1);
});

it("takes nothing that does not lie in the array", async () => {
  const conntrack = await Conntrack.create();
  const batch = conntrack.createBatch(4, { bytes: 1024 });
  const bytes = new Uint8Array(100);
  for (const length of [101, 5000, -1]) {
    expect(batch.pushAll({ bytes, count: 1, offsets: [0], lengths: [length], times: [0] })).toBe(0);
  }
  expect(batch.length).toBe(0);
});

it("takes nothing once its bytes are used up, whatever their number", async () => {
  const conntrack = await Conntrack.create();
  // Whole words and not; the packet that fills them begins at any place of a word.
  for (const bytes of [64, 68, 71]) {
    for (const skip of [0, 1, 5]) {
      const batch = conntrack.createBatch(16, { bytes });
      const array = new Uint8Array(200).subarray(skip);
      const one = (length: number) => ({
        bytes: array,
        count: 1,
        offsets: [0],
        lengths: [length],
        times: [0],
      });
      expect(batch.pushAll(one(bytes - 1))).toBe(1);
      expect(batch.pushAll(one(150))).toBe(0);
      expect(batch.length).toBe(1);
    }
  }
});
