import { describe, expect, it } from "vitest";
import { connection } from "../../property/connections.js";
import { createHarness, isGrowing } from "../../property/harness.js";
import { udpPacket } from "../../property/packet-builder.js";

/** Entries at which the first index table begins to be left. */
const FIRST_LIMIT = 9830;

function packet(i: number): Uint8Array {
  return udpPacket([10, i >>> 16, (i >>> 8) & 255, i & 255], [192, 0, 2, 53], 5353, 53);
}

describe("a table full of flows that nobody has answered", () => {
  // With as many buckets as flows, a new tuple has some eight flows around it, wherever their entries lie.
  it.each([
    ["in one index table", FIRST_LIMIT, false],
    ["between two of them", FIRST_LIMIT + 1, true],
    ["half way between two", FIRST_LIMIT + 512, true],
  ])("has room for new ones: %s", async (_, max, growing) => {
    const harness = await createHarness({ sysctl: { nf_conntrack_max: max, nf_conntrack_buckets: 8192 } });
    const { ct } = harness;
    for (let i = 0; i < max; i++) ct.track(packet(i), { time: 1000 });
    expect(isGrowing(harness)).toBe(growing);
    let dropped = 0;
    for (let i = max; i < max + 1000; i++) {
      if (ct.track(packet(i), { time: 1000 }).verdict === "DROP") dropped++;
      expect(ct.stats().entries).toBeLessThanOrEqual(max);
    }
    // A neighbourhood without any flow has a chance of one in a thousand.
    expect(dropped).toBeLessThan(15);
  });

  it("keeps those that have been answered for good", async () => {
    const { ct } = await createHarness({ sysctl: { nf_conntrack_max: 1000, nf_conntrack_buckets: 1024 } });
    const kept = Array.from({ length: 100 }, (_, i) => connection(9 * i));
    for (const { packet: send } of kept) {
      for (const [side, segment] of [
        [0, "SYN"],
        [1, "SYN-ACK"],
        [0, "ACK"],
      ] as const) {
        ct.track(send(side, segment), { time: 0 });
      }
    }
    for (let i = 0; i < 20_000; i++) ct.track(packet(i), { time: 1000 });
    expect([...ct.flows({ state: "ESTABLISHED" })].length).toBe(kept.length);
    expect(ct.stats().early_drop).toBeGreaterThan(10_000);
  });
});
