/** What the page asks of the worker. One capture, one set of settings, one moment whose table is shown. */
import { Conntrack } from "../../index.js";
import type {
  Life,
  PacketRecord,
  Progress,
  Settings,
  Summary,
  TableInfo,
  TableQuery,
  TableRow,
} from "../model.js";
import type { Capture } from "./capture.js";
import { exportCapture, exportTable, type TableFormat } from "./export.js";
import { Journey } from "./journey.js";
import { lifeOf } from "./life.js";
import { packetsFrom } from "./packets.js";
import { survey } from "./survey.js";
import { Table } from "./table.js";

export class Session {
  #capture: Capture | undefined;
  #settings: Settings = { sysctl: {}, helpers: [] };
  /** Stands where the shown table is. */
  #journey: Journey | undefined;
  #table: Table | undefined;
  #time = Number.NEGATIVE_INFINITY;
  #report: (progress: Progress) => void = () => {};
  /** Of each kind of work the last one wins. */
  readonly #running = new Map<string, AbortController>();
  /** Work that moves the shown table, one after the other. */
  #moving: Promise<unknown> = Promise.resolve();

  onProgress(report: (progress: Progress) => void): void {
    this.#report = report;
  }

  /** Linux's defaults of all sysctls. */
  async defaults(): Promise<Record<string, number>> {
    return (await Conntrack.create({ eventCapacity: 0 })).sysctls();
  }

  /** Takes another capture. What was shown before is gone. */
  async open(capture: Capture, settings: Settings): Promise<Summary> {
    this.#capture = capture;
    return this.configure(settings);
  }

  /** Tracks the whole capture. @throws ConntrackError for settings that do not exist or are out of range */
  async configure(settings: Settings): Promise<Summary> {
    const capture = this.#opened();
    const signal = this.#begin("track");
    for (const kind of ["table", "life", "packets", "export"]) this.#running.get(kind)?.abort();
    const summary = await survey(capture, settings, signal, (done) => this.#report({ what: "track", done }));
    await this.#moving.catch(() => {});
    signal.throwIfAborted();
    this.#settings = settings;
    await this.#forget();
    return summary;
  }

  /** Moves the shown table to a moment. @throws Error for a filter that cannot be read */
  show(time: number, query: TableQuery): Promise<TableInfo> {
    const signal = this.#begin("table");
    const work = this.#moving.catch(() => {}).then(() => this.#show(time, query, signal));
    this.#moving = work;
    return work;
  }

  rows(first: number, count: number): TableRow[] {
    return this.#table?.rows(first, count) ?? [];
  }

  /** When the first packet behind the shown moment comes. */
  async nextTime(): Promise<number | undefined> {
    await this.#moving.catch(() => {});
    return this.#journey?.nextTime();
  }

  /** The life of a flow of the shown table; undefined when no such flow is there. */
  async life(id: number): Promise<Life | undefined> {
    const signal = this.#begin("life");
    await this.#moving.catch(() => {});
    signal.throwIfAborted();
    for (const flow of this.#journey?.conntrack.flows() ?? []) {
      if (flow.id !== id) continue;
      const { original, reply, protocolNumber, zone } = flow;
      const subject = { id, time: this.#time, original, reply, protocolNumber, zone };
      return lifeOf(subject, this.#opened(), this.#settings, signal, (done) =>
        this.#report({ what: "life", done }),
      );
    }
    return undefined;
  }

  /** Up to `count` packets from a moment on. */
  async packets(time: number, count: number): Promise<PacketRecord[]> {
    const signal = this.#begin("packets");
    const report = (done: number) => this.#report({ what: "seek", done });
    const found = await packetsFrom(time, count, this.#opened(), this.#settings, signal, report);
    report(1);
    return found;
  }

  async exportTable(format: TableFormat): Promise<Blob> {
    return exportTable(this.#shown(), format, this.#begin("export"));
  }

  async exportCapture(): Promise<Blob> {
    const report = (done: number) => this.#report({ what: "export", done });
    return exportCapture(this.#shown(), this.#opened(), this.#settings, this.#begin("export"), report);
  }

  async #show(time: number, query: TableQuery, signal: AbortSignal): Promise<TableInfo> {
    signal.throwIfAborted();
    this.#journey ??= await Journey.begin(this.#opened(), this.#settings);
    if (time !== this.#time || !this.#table) await this.#move(this.#journey, time, signal);
    this.#report({ what: "sort", done: 0 });
    // What is shown at this moment stays until there is something newer, which may know from it.
    const table = await Table.of(this.#journey.conntrack, query, signal, this.#table);
    this.#table = table;
    const flows = this.#journey.conntrack.countByState().reduce((sum, count) => sum + count.flows, 0);
    this.#report({ what: "sort", done: 1 });
    return { rows: table.length, flows, time, packets: this.#journey.packets };
  }

  async #move(journey: Journey, time: number, signal: AbortSignal): Promise<void> {
    this.#table = undefined;
    this.#time = time;
    await journey.to(time, signal, (done) => this.#report({ what: "seek", done }));
  }

  async #forget(): Promise<void> {
    const journey = this.#journey;
    this.#journey = undefined;
    this.#table = undefined;
    this.#time = Number.NEGATIVE_INFINITY;
    await journey?.close();
  }

  #begin(kind: string): AbortSignal {
    this.#running.get(kind)?.abort(new DOMException("something newer was asked for", "AbortError"));
    const controller = new AbortController();
    this.#running.set(kind, controller);
    return controller.signal;
  }

  #opened(): Capture {
    if (!this.#capture) throw new Error("no capture is open");
    return this.#capture;
  }

  #shown(): Table {
    if (!this.#table) throw new Error("no table is shown");
    return this.#table;
  }
}
