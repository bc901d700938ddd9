import { expect, it } from "vitest";
import { createHarness } from "../../property/harness.js";
import { udpPacket } from "../../property/packet-builder.js";

const FLOWS = 60_000;

it("flows that live at the same time hardly ever share an id, also where others have been before", async () => {
  const { ct } = await createHarness({ sysctl: { nf_conntrack_max: 0 }, eventCapacity: 0 });
  const batch = ct.createBatch(256);
  const track = (from: number, to: number, time: number) => {
    for (let i = from; i < to; ) {
      batch.clear();
      for (; i < to; i++) {
        const client = [10, i >>> 16, (i >>> 8) & 255, i & 255];
        if (!batch.push(udpPacket(client, [192, 0, 2, 53], 5353, 53), time)) break;
      }
      ct.trackBatch(batch);
    }
  };
  track(0, FLOWS, 1000);
  // Half of them live on, the others make room for new ones.
  track(0, FLOWS / 2, 20_000);
  ct.expire({ time: 35_000 });
  track(FLOWS, FLOWS + FLOWS / 2, 35_000);
  const ids = [...ct.flows()].map(({ id }) => id);
  expect(ids.length).toBe(FLOWS);
  // Chance gives one pair in 32 bits.
  expect(ids.length - new Set(ids).size).toBeLessThan(10);
});
