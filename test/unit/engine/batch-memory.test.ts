import { expect, it } from "vitest";
import { createHarness } from "../../property/harness.js";

it("a batch's memory is used again once it is released", async () => {
  const { ct, engine } = await createHarness();
  ct.createBatch(256).release();
  const before = engine.u8.length;
  for (let n = 0; n < 100; n++) ct.createBatch(256).release();
  // Room for a few of them, in case blocks of different sizes are kept apart.
  expect(engine.u8.length - before).toBeLessThan(4 * 1024 * 1024);
});
