/** Drives a Conntrack and the model with the same packets, and compares all there is to compare. */
import { expect } from "vitest";
import { Status } from "../../assembly/shared/status.js";
import type { Batch } from "../../src/batch.js";
import type { Flow } from "../../src/flow.js";
import type { FlowFilter } from "../../src/flow-filter.js";
import type { ConntrackOptions } from "../../src/index.js";
import { connection, type Side, tupleText } from "./connections.js";
import { checkTable, createHarness, type Harness } from "./harness.js";
import { type Action, type Expected, MODEL_SYSCTL, type ModelFlow, TableModel } from "./table-model.js";

export class TableRun {
  readonly model = new TableModel();
  readonly harness: Harness;
  readonly #batch: Batch;
  readonly #sent: { expected: Expected; flow: ModelFlow | undefined }[] = [];
  readonly #views = new Map<ModelFlow, Flow>();
  #time = 1_000_000;

  private constructor(harness: Harness, capacity: number) {
    this.harness = harness;
    this.#batch = harness.ct.createBatch(capacity);
  }

  static async create(capacity = 64, options: ConntrackOptions = {}): Promise<TableRun> {
    return new TableRun(
      await createHarness({ sysctl: MODEL_SYSCTL, eventCapacity: 0, ...options }),
      capacity,
    );
  }

  wait(ms: number): void {
    this.#time += ms;
  }

  /** One side of connection i does something; tracked with others when the batch is full or flushed. */
  send(i: number, side: Side, action: Action = "next"): void {
    this.model.advance(this.#time);
    const { packet, expected } = this.model.send(i, side, action);
    if (!this.#batch.push(packet, this.#time)) throw new Error("the batch is full");
    this.#sent.push({ expected, flow: this.model.find(i) });
    if (this.#batch.length === this.#batch.capacity) this.flush();
  }

  flush(): void {
    const batch = this.#batch;
    this.harness.ct.trackBatch(batch);
    for (const [n, { expected, flow }] of this.#sent.entries()) {
      const { ctState, direction } = batch.result(n);
      if (ctState !== expected.ctState || direction !== expected.direction) {
        const what = `packet ${n} of ${batch.length}: ${batch.explain(n)}`;
        expect({ ctState, direction }, what).toEqual(expected);
      }
      const view = flow && batch.flow(n);
      if (view) this.#views.set(flow, view);
    }
    batch.clear();
    this.#sent.length = 0;
  }

  delete(i: number): void {
    this.#upToDate();
    const filter = this.#filterFor(i);
    expect(this.harness.ct.delete(filter), "flows deleted").toBe(this.model.remove(i) ? 1 : 0);
  }

  /** Sets what is left of the flow's timeout; the next packet sets it anew. */
  setTimeout(i: number, seconds: number): void {
    this.#upToDate();
    const filter = this.#filterFor(i);
    const updated = this.harness.ct.update(filter, { timeout: seconds });
    expect(updated, "flows updated").toBe(this.model.setTimeout(i, seconds) ? 1 : 0);
  }

  insert(i: number, seconds: number): void {
    this.#upToDate();
    const { protocol, tuple } = connection(i);
    const status = Status.SEEN_REPLY | Status.ASSURED;
    const inserted = this.harness.ct.insert({ protocol, original: tuple(0), timeout: seconds, status });
    expect(inserted, "flow inserted").toBe(this.model.insert(i, seconds));
  }

  /** From now on, new flows have counters or have none. */
  count(counting: boolean): void {
    this.flush();
    this.harness.ct.setSysctl("nf_conntrack_acct", counting ? 1 : 0);
    this.model.counting = counting;
  }

  clear(): void {
    this.#upToDate();
    this.harness.ct.flush();
    this.model.clear();
  }

  /** The whole table, before and after what is over has been swept out. */
  check(): void {
    this.#upToDate();
    const { ct } = this.harness;
    const live = this.model.live();
    const listed = [...ct.flows()].map(
      (flow) => [tupleText(flow.protocolNumber, flow.original), facts(flow)] as const,
    );
    expect(listed.length, "flows listed").toBe(live.length);
    expect(new Map(listed)).toEqual(new Map(live.map((flow) => [flow.text, this.#facts(flow)])));
    expect(ct.stats().entries).toBeGreaterThanOrEqual(live.length);
    checkTable(this.harness);
    ct.expire({ time: this.#time });
    expect(ct.stats().entries, "entries after a sweep").toBe(live.length);
    checkTable(this.harness);
    for (const [flow, view] of this.#views) {
      if (view.alive === (this.model.find(flow.connection) === flow)) continue;
      throw new Error(`the view of ${flow.text} is ${view.alive ? "alive" : "dead"}, its flow is not`);
    }
  }

  #facts(flow: ModelFlow): readonly unknown[] {
    return [this.model.left(flow), flow.seenReply, flow.counters];
  }

  #filterFor(i: number): FlowFilter {
    const { protocol, tuple } = connection(i);
    const { src, dst, sport, dport } = tuple(this.model.find(i)?.opener ?? 0);
    if (sport === undefined || dport === undefined) return { protocol, src, dst };
    return { protocol, src, dst, sport, dport };
  }

  #upToDate(): void {
    this.flush();
    this.model.advance(this.#time);
    this.harness.engine.call.setTime(this.#time);
  }
}

function facts({ timeout, seenReply, counters }: Flow): readonly unknown[] {
  if (!counters) return [timeout, seenReply, undefined];
  const { original, reply } = counters;
  return [timeout, seenReply, [original.packets, original.bytes, reply.packets, reply.bytes]];
}
