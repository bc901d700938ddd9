import { describe, expect, it } from "vitest";
import { Flood } from "./flood.js";

const PACKETS = 75_000;
const ROUNDS = 5;

describe("a flood of damaged packets leaves the table sound, memory bounded and other connections alone", () => {
  const flood = async (sysctl: Readonly<Record<string, number>>, helpers = false) => {
    const flood = await Flood.create(20_259, { sysctl });
    if (helpers) flood.addHelpers();
    for (let round = 0; round < ROUNDS; round++) {
      flood.run(PACKETS / ROUNDS);
      flood.check();
    }
    expect(flood.packets).toBe(PACKETS);
    // Of some fifty reasons that a packet can meet, the flood has to find most.
    expect(flood.reasons.size).toBeGreaterThan(42);
    return flood.harness.ct.stats();
  };

  it("with room in the table", async () => {
    const { early_drop, drop } = await flood({ nf_conntrack_max: 262_144, nf_conntrack_log_invalid: 255 });
    expect([early_drop, drop]).toEqual([0, 0]);
  });

  it("with a full table", async () => {
    expect((await flood({ nf_conntrack_max: 1000 })).early_drop).toBeGreaterThan(1000);
  });

  it("with a full table of flows that have counters and timestamps", async () => {
    const sysctl = { nf_conntrack_max: 1000, nf_conntrack_acct: 1, nf_conntrack_timestamp: 1 };
    expect((await flood(sysctl)).early_drop).toBeGreaterThan(1000);
  });

  it("with helpers that read it", async () => {
    expect((await flood({ nf_conntrack_max: 5000 }, true)).expect_create).toBeGreaterThan(100);
  });
});
