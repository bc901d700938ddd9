import { expect, it } from "vitest";
import { createHarness } from "../../property/harness.js";

/** Room for a few batches more than are in use, so that free memory may be in pieces. */
const SLACK = 4 * 1024 * 1024;

it.each([
  ["the same size", [256]],
  ["two sizes", [256, 150]],
  ["sizes that grow and shrink", [64, 128, 256, 200, 100, 40]],
])("a batch's memory is used again once it is released: %s", async (_, sizes) => {
  const { ct, engine } = await createHarness();
  for (const size of sizes) ct.createBatch(size).release();
  const before = engine.u8.length;
  for (let n = 0; n < 100; n++) ct.createBatch(sizes[n % sizes.length]!).release();
  expect(engine.u8.length - before).toBeLessThan(SLACK);
});

it("two batches at a time, in turns", async () => {
  const { ct, engine } = await createHarness();
  let held = ct.createBatch(256);
  const before = engine.u8.length;
  for (let n = 0; n < 100; n++) {
    const next = ct.createBatch(n % 2 ? 256 : 100);
    held.release();
    held = next;
  }
  expect(engine.u8.length - before).toBeLessThan(SLACK);
});
