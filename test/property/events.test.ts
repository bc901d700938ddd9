import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Conntrack } from "../../src/conntrack.js";
import { CopiedFlowRecord } from "../../src/engine/flow-record.js";
import type { FlowEvent } from "../../src/events.js";
import { connection, type Side, tupleText } from "./connections.js";
import { randomNumbers } from "./harness.js";
import { capacities, operations, perform } from "./operations.js";
import { TIMEOUT } from "./table-model.js";
import { TableRun } from "./table-run.js";

/** No helper is there to announce anything, so all events are about flows. */
function drain(ct: Conntrack): FlowEvent[] {
  const events = ct.drainEvents();
  const ofFlows = events.filter((event): event is FlowEvent => "original" in event);
  expect(ofFlows.length).toBe(events.length);
  return ofFlows;
}

/** The table as somebody sees it who knows nothing but the events. */
class Listener {
  readonly flows = new Map<string, FlowEvent>();
  #time = Number.NEGATIVE_INFINITY;

  hear(events: Iterable<FlowEvent>): void {
    for (const event of events) {
      const text = tupleText(event.protocolNumber, event.original);
      const known = this.flows.get(text);
      if (event.time < this.#time) throw new Error(`${event.kind} of ${text} comes after a later event`);
      this.#time = event.time;
      if (event.kind === "NEW" ? known : !known) throw new Error(`${event.kind} of ${text}, which is wrong`);
      if (known && known.id !== event.id) throw new Error(`${text} has got another id`);
      if (event.kind === "DESTROY") this.flows.delete(text);
      else this.flows.set(text, event);
    }
  }
}

/** What there is to say about a flow as its last event tells it; a timeout changes without one. */
function lastHeard({
  original,
  reply,
  status,
  mark,
  tcp,
}: Pick<FlowEvent, "original" | "reply" | "status" | "mark" | "tcp">) {
  return { original, reply, status, mark, state: tcp?.state };
}

/** Identities depend on where in memory the flows lie, and that on the size of the ring. */
function withoutId({ id: _, ...rest }: FlowEvent): Omit<FlowEvent, "id"> {
  return rest;
}

describe("events", () => {
  it("tell of every flow that comes and goes, so that a listener knows the table", async () => {
    const property = fc.asyncProperty(operations, capacities, async (all, capacity) => {
      const run = await TableRun.create(capacity, { eventCapacity: 100_000 });
      const { ct } = run.harness;
      const listener = new Listener();
      const compare = () => {
        listener.hear(drain(ct));
        const live = new Map(
          [...ct.flows()].map((flow) => [tupleText(flow.protocolNumber, flow.original), lastHeard(flow)]),
        );
        // Those that are over and not yet swept out are not listed, and no DESTROY tells of them.
        expect(listener.flows.size).toBe(ct.stats().entries);
        const heard = [...listener.flows].filter(([text]) => live.has(text));
        expect(new Map(heard.map(([text, event]) => [text, lastHeard(event)]))).toEqual(live);
      };
      for (const one of all) {
        perform(run, one);
        if (one[0] !== "packets" && one[0] !== "wait") compare();
      }
      run.check();
      compare();
      expect(listener.flows.size).toBe(run.model.live().length);
      expect(ct.takeLostEvents()).toBe(0);
    });
    await fc.assert(property, { seed: 20_257, numRuns: 50 });
  });

  it("come in the order in which things happen, one for each packet that changes something", async () => {
    const run = await TableRun.create(64, { eventCapacity: 100 });
    const { ct } = run.harness;
    const [tcp, udp, tcp6] = [0, 1, 2];
    run.send(tcp, 0);
    run.send(udp, 0);
    run.send(udp, 0);
    run.send(udp, 1);
    run.send(tcp, 1);
    run.send(tcp, 0);
    run.send(tcp, 1);
    run.send(tcp6, 0);
    run.send(tcp6, 1, "reset");
    run.wait(TIMEOUT * 1000);
    run.send(udp, 1);
    run.flush();
    expect(
      drain(ct).map(({ kind, protocol, family, changes }) => [kind, protocol, family, ...changes]),
    ).toEqual([
      ["NEW", "tcp", "ipv4", "new", "protoinfo"],
      ["NEW", "udp", "ipv4", "new"],
      ["UPDATE", "udp", "ipv4", "reply"],
      ["UPDATE", "tcp", "ipv4", "reply", "protoinfo"],
      ["UPDATE", "tcp", "ipv4", "assured", "protoinfo"],
      ["NEW", "tcp", "ipv6", "new", "protoinfo"],
      ["DESTROY", "tcp", "ipv6", "destroy"],
      // Its packet found it over; the other one was found by the sweep.
      ["DESTROY", "udp", "ipv4", "destroy"],
      ["NEW", "udp", "ipv4", "new"],
      ["DESTROY", "tcp", "ipv4", "destroy"],
    ]);
  });
});

describe("a full ring of events", () => {
  it("keeps the first ones in their order and counts those that it loses", async () => {
    const property = fc.asyncProperty(
      operations,
      fc.integer({ min: 0, max: 40 }),
      async (all, eventCapacity) => {
        const small = await TableRun.create(64, { eventCapacity });
        const large = await TableRun.create(64, { eventCapacity: 100_000 });
        for (const one of all) {
          perform(small, one);
          perform(large, one);
          if (one[0] !== "check" && one[0] !== "flush") continue;
          const events = drain(large.harness.ct).map(withoutId);
          expect(drain(small.harness.ct).map(withoutId)).toEqual(events.slice(0, eventCapacity));
          expect(small.harness.ct.takeLostEvents()).toBe(Math.max(0, events.length - eventCapacity));
          expect(small.harness.ct.takeLostEvents()).toBe(0);
        }
      },
    );
    await fc.assert(property, { seed: 20_258, numRuns: 40 });
  });

  it("goes on where it was, however often it goes round", async () => {
    const eventCapacity = 7;
    const run = await TableRun.create(64, { eventCapacity });
    const { ct } = run.harness;
    for (let round = 0; round < 50; round++) {
      const first = 1000 * round;
      const count = round % 10;
      for (let n = 0; n < count; n++) run.send(first + n, 0);
      run.flush();
      const kept = Math.min(count, eventCapacity);
      const expected = Array.from({ length: kept }, (_, n) => connection(first + n).tuple(0));
      expect(drain(ct).map(({ original }) => original)).toEqual(expected);
      expect(ct.takeLostEvents()).toBe(count - kept);
    }
  });

  it("holds events of either size, wherever it ends, when they are taken one by one", async () => {
    const eventCapacity = 5;
    const run = await TableRun.create(64, { eventCapacity });
    const { engine } = run.harness;
    const { call } = engine;
    const random = randomNumbers(12);
    const waiting: { family: string; original: unknown }[] = [];
    let next = 0;
    for (let round = 0; round < 500; round++) {
      for (let n = random(eventCapacity - waiting.length + 1); n > 0; n--) {
        const i = 9 * next++ + random(4);
        run.send(i, 0);
        const { ipv6, tuple } = connection(i);
        waiting.push({ family: ipv6 ? "ipv6" : "ipv4", original: tuple(0) });
      }
      run.flush();
      // Never all of them: a ring that is empty starts over.
      while (waiting.length > 1 && random(4)) {
        const record = new CopiedFlowRecord(engine, call.firstEvent() >>> 0);
        const told = { family: record.ipv6 ? "ipv6" : "ipv4", original: record.tuple(0) };
        expect(told).toEqual(waiting.shift());
        call.dropFirstEvent();
      }
    }
    expect(call.takeLostEvents()).toBe(0);
    expect(next).toBeGreaterThan(500);
  });

  it("is no concern of the table's", async () => {
    const run = await TableRun.create(64, { eventCapacity: 3 });
    const random = randomNumbers(9);
    for (let n = 0; n < 20_000; n++) {
      run.send(random(500), random(2) as Side, random(5) ? "next" : "reset");
      if (n % 1000 === 0) run.check();
      run.wait(random(200));
    }
    run.check();
    expect(drain(run.harness.ct).length).toBe(3);
  });
});

describe("without events", () => {
  it("nothing is told and nothing is lost", async () => {
    const run = await TableRun.create();
    run.harness.ct.setSysctl("nf_conntrack_events", 0);
    for (let i = 0; i < 100; i++) run.send(i, 0);
    run.clear();
    run.check();
    expect(drain(run.harness.ct)).toEqual([]);
    expect(run.harness.ct.takeLostEvents()).toBe(0);
  });
});
