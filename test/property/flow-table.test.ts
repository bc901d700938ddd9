import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Side } from "./connections.js";
import { checkTable, isGrowing, randomNumbers } from "./harness.js";
import { readIndex } from "./index-view.js";
import { capacities, operations, perform } from "./operations.js";
import { TIMEOUT } from "./table-model.js";
import { TableRun } from "./table-run.js";

describe("the flow table is a map from tuples of either direction to flows", () => {
  it("through packets, resets, insertions, deletions and expiry in any order and any batches", async () => {
    const property = fc.asyncProperty(operations, capacities, async (all, capacity) => {
      const run = await TableRun.create(capacity);
      for (const one of all) perform(run, one);
      run.check();
    });
    await fc.assert(property, { seed: 20_251, numRuns: 150 });
  });
});

/** How many flows fill the first index table and two to follow, and are still moving into the next. */
const MANY = 42_000;

describe("while the index grows", () => {
  it("every flow is found in both directions, whichever table its entry lies in", async () => {
    const run = await TableRun.create(256);
    const random = randomNumbers(7);
    let growths = 0;
    let wasGrowing = false;
    let lookups = 0;
    for (let i = 0; i < MANY; i++) {
      run.send(i, 0);
      const growing = isGrowing(run.harness);
      if (growing && !wasGrowing) growths++;
      wasGrowing = growing;
      // Often while entries move, now and then otherwise.
      if (!growing && i % 8) continue;
      if (growing) lookups++;
      run.send(random(i + 1), random(2) as Side);
      if (i % 1000 === 0) checkTable(run.harness);
    }
    run.check();
    expect(growths).toBe(3);
    expect(lookups).toBeGreaterThan(1000);
    for (let i = 0; i < MANY; i++) run.send(i, (i & 1) as Side);
    run.check();
  });

  it("an outgrown table's memory is used for flows", async () => {
    const run = await TableRun.create(256);
    // What is neither the index nor a free place for a flow.
    const besideIndex = () => {
      const { bytes, indexBytes } = run.harness.ct.memory();
      return bytes - indexBytes;
    };
    let before = besideIndex();
    let shrunk = 0;
    for (let i = 0, last = 0; i < MANY + 3000; i += 256) {
      for (let n = 0; n < 256; n++) run.send(i + n, 0);
      const { indexBytes } = run.harness.ct.memory();
      if (indexBytes < last) shrunk++;
      last = indexBytes;
      const after = besideIndex();
      // Flows of two kinds in extents of 64 KiB.
      expect(after - before).toBeLessThanOrEqual(2 * 65536);
      before = after;
    }
    expect(shrunk).toBe(3);
  });

  it("flows leave both tables and come back", async () => {
    const run = await TableRun.create(100);
    const random = randomNumbers(8);
    let next = 0;
    let removedWhileGrowing = 0;
    for (let round = 0; next < MANY; round++) {
      for (let n = 0; n < 100; n++) run.send(next++, 0);
      const growing = isGrowing(run.harness);
      // Every ninth connection is TCP over IPv4: a reset removes it while nobody has answered it.
      for (let n = 0; n < (growing ? 100 : 10); n++) {
        const victim = random(Math.ceil(next / 9)) * 9;
        run.send(victim, random(2) as Side, "reset");
        if (growing) removedWhileGrowing++;
        if (random(2) === 0) run.send(victim, random(2) as Side);
      }
      if (round % 150 === 0) run.check();
    }
    run.check();
    expect(removedWhileGrowing).toBeGreaterThan(1000);
  });

  it("flows run out in the middle of it", async () => {
    const run = await TableRun.create(64);
    // The first table is full at 9830 entries; a hundred more make sure that its entries are on the move.
    for (let i = 0; i < 5_000; i++) run.send(i, 0);
    run.wait((TIMEOUT * 1000) / 2);
    for (let i = 5_000; i < 9_930; i++) run.send(i, 0);
    run.flush();
    expect(isGrowing(run.harness)).toBe(true);
    run.wait((TIMEOUT * 1000) / 2);
    run.check();
    for (let i = 0; i < 9_930; i++) run.send(i, 1);
    run.check();
  });
});

describe("an index that has been emptied", () => {
  it("keeps no trace of the entries, nor of those that went past full chunks", async () => {
    const run = await TableRun.create(256);
    const { engine } = run.harness;
    // Nearly as many as the first table takes.
    for (let i = 0; i < 9_800; i++) run.send(i, 0);
    run.flush();
    expect(readIndex(engine).overflow).toBeGreaterThan(300);
    const random = randomNumbers(10);
    for (let n = 0; n < 20_000; n++)
      run.send(9 * random(1088), random(2) as Side, random(2) ? "reset" : "next");
    run.clear();
    const { chunks, entries, overflow } = readIndex(engine);
    expect([chunks, entries.length, overflow]).toEqual([1024, 0, 0]);
  });

  it.each([
    ["plain ones", 0],
    ["with counters and timestamps", 1],
  ])("takes as many flows again in the same memory: %s", async (_, extras) => {
    const run = await TableRun.create(256);
    run.harness.ct.setSysctl("nf_conntrack_timestamp", extras);
    run.count(extras === 1);
    const bytes: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 12_000; i++) run.send(i + round * 3000, (i & 1) as Side);
      run.check();
      bytes.push(run.harness.ct.memory().bytes);
      run.clear();
      run.check();
    }
    expect(new Set(bytes.slice(1)).size, `bytes in each round: ${bytes}`).toBe(1);
  });
});
