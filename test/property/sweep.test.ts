import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connection } from "./connections.js";
import { checkTable, createHarness, type Harness, limit } from "./harness.js";
import { TIMEOUT } from "./table-model.js";
import { TableRun } from "./table-run.js";

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const YEAR = 365 * DAY;

const listed = ({ ct }: Harness) => [...ct.flows()].length;
const entries = ({ ct }: Harness) => ct.stats().entries;

/** Flows in the table, all about to be over at the same time. */
const FLOWS = 20_000;

describe("the sweep after each batch", () => {
  /** Hints that a call with so many packets looks at, and the flows after which it stops. */
  const slice = (packets: number) =>
    packets === 1
      ? limit("SWEEP_LANES")
      : Math.min(packets * limit("SWEEP_PER_PACKET"), limit("SWEEP_SLICE"));
  const ends = limit("SWEEP_ENDS");

  it.each([1, 10, 256])("of %i packets takes all that is over in one round", async (packets) => {
    const run = await TableRun.create(256);
    const { ct, engine } = run.harness;
    const { bytes: bytesBefore, indexBytes: indexBefore } = ct.memory();
    for (let i = 0; i < FLOWS; i++) run.send(i, 0);
    run.flush();
    const { bytes, indexBytes } = ct.memory();
    const slots = (bytes - bytesBefore - (indexBytes - indexBefore)) / (engine.layout.FLOW4_BYTES + 4);
    expect(slots).toBeGreaterThan(FLOWS);

    const call = () => {
      for (let n = 0; n < packets; n++) run.send(FLOWS + n, 0);
      run.flush();
    };
    run.wait(TIMEOUT * SECOND - 4);
    for (let n = 0; n < 5; n++) call();
    expect(entries(run.harness)).toBe(FLOWS + packets);
    run.wait(4);
    // A round may begin in the middle of the table, which cuts it in two.
    const calls = Math.ceil(slots / slice(packets)) + Math.ceil(FLOWS / ends) + 1;
    for (let n = 0; n < calls; n++) call();
    expect(entries(run.harness)).toBe(packets);
    run.check();
  });

  it("does no more than a slice of the work", async () => {
    const run = await TableRun.create(256);
    for (let i = 0; i < FLOWS; i++) run.send(i, 0);
    run.flush();
    run.wait(2 * TIMEOUT * SECOND);
    run.send(FLOWS, 0);
    run.flush();
    const left = entries(run.harness);
    expect(left).toBeGreaterThanOrEqual(FLOWS - slice(1));
    for (let n = 0; n < 256; n++) run.send(FLOWS + n, 0);
    run.flush();
    expect(left - entries(run.harness)).toBeLessThanOrEqual(ends + 64);
    // Nobody sees what has not been swept out.
    expect(listed(run.harness)).toBe(256);
  });

  it.each([1, 64])("keeps up with flows that come and go for ever, %i in a batch", async (packets) => {
    const run = await TableRun.create(256);
    // So many are alive at any time.
    const alive = 5000;
    const pause = (TIMEOUT * SECOND * packets) / alive;
    let most = 0;
    for (let i = 0; i < 40_000; i += packets) {
      for (let n = 0; n < packets; n++) run.send(i + n, 0);
      run.flush();
      run.wait(pause);
      most = Math.max(most, entries(run.harness));
    }
    expect(most).toBeGreaterThanOrEqual(alive);
    // In one round of the sweep, as many flows end as packets come: one of so many places is dead, at worst.
    const dead = 1 / limit("SWEEP_PER_PACKET");
    expect(most).toBeLessThan((1.1 * alive) / (1 - dead));
    run.check();
  });
});

/** Not what a clock shows. */
const NO_TIMES = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300];
const udp = connection(1);
const other = connection(10);

describe("a clock that jumps", () => {
  it("weeks, months and years, with and without packets, leaves no flow behind", async () => {
    const steps = fc.array(
      fc.tuple(
        fc.constantFrom("track", "list", "delete", "nothing"),
        fc.oneof(fc.nat({ max: 200 * SECOND }), fc.nat({ max: 200 * DAY }), fc.nat({ max: 100 * YEAR })),
      ),
      { minLength: 1, maxLength: 12 },
    );
    const property = fc.asyncProperty(steps, async (all) => {
      const run = await TableRun.create();
      for (const [n, [action, ms]] of all.entries()) {
        run.wait(ms);
        if (action === "track") for (let i = 0; i < 3; i++) run.send(n + i, 0);
        if (action === "delete") run.delete(1000);
        if (action === "list") run.check();
      }
      run.check();
    });
    await fc.assert(property, { seed: 20_256, numRuns: 300 });
  });

  it("again and again by less than what makes a round of the sweep due leaves no flow behind", async () => {
    const run = await TableRun.create(256);
    for (let i = 0; i < 10_000; i++) run.send(i, 0);
    run.flush();
    for (let n = 1; n <= 12; n++) {
      run.wait(45 * DAY);
      run.send(10_000 + n, 0);
      run.flush();
      expect(listed(run.harness), `after ${n} jumps`).toBe(1);
    }
    run.check();
  });

  it("when only somebody looks at the table leaves no flow behind", async () => {
    const { ct } = await createHarness();
    ct.track(udp.packet(0), { time: 0 });
    for (let days = 40; days <= 400; days += 40) {
      expect(ct.procNetNfConntrack({ time: days * DAY }), `after ${days} days`).toBe("");
    }
  });

  it("to the end of time does not take long", async () => {
    const harness = await createHarness();
    for (let i = 0; i < 10; i++) harness.ct.track(connection(i).packet(0), { time: 1000 });
    const start = performance.now();
    expect(harness.ct.expire({ time: 8.64e15 })).toBe(10);
    // A damaged timestamp in a capture must not stop its reader.
    expect(performance.now() - start).toBeLessThan(500);
    expect(entries(harness)).toBe(0);
  });

  it("backwards stands still", async () => {
    const harness = await createHarness();
    const { ct } = harness;
    ct.track(udp.packet(0), { time: 100_000 });
    for (const time of [99_999, 0, -1e9, 129_999]) ct.track(other.packet(0), { time });
    expect(listed(harness)).toBe(2);
    expect(ct.expire({ time: 50_000 })).toBe(0);
    // The other flow's last packet that moved the clock came at 129999.
    expect(ct.expire({ time: 130_000 })).toBe(1);
    expect(ct.expire({ time: 159_996 })).toBe(1);
  });
});

describe("a time that is no time", () => {
  it.each(NO_TIMES)("(%d) leaves the clock where it is", async (time) => {
    const harness = await createHarness();
    const { ct } = harness;
    ct.track(udp.packet(0), { time: 100_000 });
    expect(ct.track(udp.packet(1), { time }).ctState).toBe("ESTABLISHED");
    expect(ct.expire({ time })).toBe(0);
    expect(ct.procNetNfConntrack({ time })).toMatch(/ 30 src=/);
    expect(ct.expire({ time: 129_996 })).toBe(0);
    expect(ct.expire({ time: 130_000 })).toBe(1);
    checkTable(harness);
  });

  it.each(NO_TIMES)("(%d) as the first gives flows that do end", async (time) => {
    for (const start of [0, 100_000, 9e9, 1.7e12, 1.71e12]) {
      const harness = await createHarness();
      const { ct } = harness;
      expect(ct.track(udp.packet(0), { time }).ctState).toBe("NEW");
      expect(ct.track(udp.packet(1), { time }).ctState).toBe("ESTABLISHED");
      ct.expire({ time: start });
      ct.expire({ time: start + 31 * SECOND });
      expect(listed(harness), `the clock starts at ${start}`).toBe(0);
      checkTable(harness);
    }
  });
});
