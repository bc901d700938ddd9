import { describe, expect, it } from "vitest";
import { PptpSession } from "../unit/helpers/pptp-session.js";
import { connection } from "./connections.js";
import { checkTable, isGrowing, randomNumbers } from "./harness.js";
import { readIndex } from "./index-view.js";
import { TIMEOUT } from "./table-model.js";
import { TableRun } from "./table-run.js";

/** Nearly as many as the first index table takes: some chunks are full, and entries have gone past them. */
const FLOWS = 9_800;

describe("when most flows end at once", () => {
  it.each([0.1, 0.5, 0.9])("those that do not, %d of all, are found as before", async (share) => {
    const run = await TableRun.create(256);
    const random = randomNumbers(11);
    const staying: number[] = [];
    for (let i = 0; i < FLOWS; i++) run.send(i, 0);
    run.wait((TIMEOUT * 1000) / 2);
    for (let i = 0; i < FLOWS; i++) if (random(1000) < 1000 * share) staying.push(i);
    for (const i of staying) run.send(i, 1);
    run.flush();
    expect(readIndex(run.harness.engine).overflow).toBeGreaterThan(300);
    run.wait((TIMEOUT * 1000) / 2);
    run.check();
    for (const i of staying) run.send(i, 0);
    run.check();
    // One by one: whatever has been said of entries that went past a chunk is taken back.
    run.harness.ct.delete({});
    const { entries, overflow } = readIndex(run.harness.engine);
    expect([entries.length, overflow]).toEqual([0, 0]);
  });

  it("none is found afterwards, and all can come again, while the index grows", async () => {
    const run = await TableRun.create(64);
    for (let i = 0; i < FLOWS + 100; i++) run.send(i, 0);
    run.flush();
    expect(isGrowing(run.harness)).toBe(true);
    run.clear();
    checkTable(run.harness);
    for (let i = 0; i < FLOWS + 100; i++) run.send(i, 1);
    run.check();
  });

  it.each(["expire", "flush"] as const)("%s tells of each, in the order of the table", async (how) => {
    const run = await TableRun.create(256, { eventCapacity: 3 * FLOWS });
    const { ct } = run.harness;
    for (let i = 0; i < FLOWS; i++) run.send(i, 0);
    run.flush();
    const ids = [...ct.flows()].map(({ id }) => id);
    ct.drainEvents();
    if (how === "flush") expect(ct.flush()).toBe(FLOWS);
    else expect(ct.expire({ time: 1_000_000 + TIMEOUT * 1000 })).toBe(FLOWS);
    const events = ct.drainEvents();
    expect(events.every(({ kind }) => kind === "DESTROY")).toBe(true);
    expect(events.map((event) => "id" in event && event.id)).toEqual(ids);
  });

  it.each(["before", "behind"])(
    "the data of a PPTP call, %s its control connection, ends once",
    async (where) => {
      const { conntrack } = await PptpSession.create();
      const session = new PptpSession(conntrack, 40_001);
      const open = (from: number) => {
        for (let i = from; i < from + 1000; i++)
          conntrack.track(connection(9 * i + 1).packet(0), { time: 0 });
      };
      open(0);
      session.connect();
      session.call(0x1001, 0x2002);
      open(1000);
      // The newest free place is taken first.
      if (where === "before") expect(conntrack.delete({ src: connection(1).tuple(0).src })).toBe(1);
      session.fromClient(0x2002);
      open(2000);
      const places = [...conntrack.flows()].map(({ id, protocol, original }) => ({ id, protocol, original }));
      const control = places.findIndex(({ original }) => original.sport === 40_001);
      const data = places.findIndex(({ protocol }) => protocol === "gre");
      expect(data < control).toBe(where === "before");
      conntrack.drainEvents();
      expect(conntrack.flush()).toBe(places.length);
      const ended = conntrack.drainEvents().flatMap((event) => ("id" in event ? [event.id] : []));
      // Behind it, its data ends with a control connection.
      const order = places.map(({ id }) => id);
      if (data > control) order.splice(control + 1, 0, ...order.splice(data, 1));
      expect(ended).toEqual(order);
    },
  );
});
