/** Totals over time in a bounded number of bins: whenever there are too many, each two become one. */
import type { Batch, Conntrack } from "../../index.js";
import { CT_STATES, type Timeline } from "../model.js";

const MOST_BINS = 600;
const FIRST_WIDTH_MS = 1;
const PACKET_SERIES = [...CT_STATES, "DROP"] as const;

export class Bins {
  readonly #conntrack: Conntrack;
  readonly #packets = new Map<string, number[]>(PACKET_SERIES.map((name) => [name, [0]]));
  readonly #flows = new Map<string, number[]>();
  readonly #earlyDrops: number[] = [];
  #start = Number.NaN;
  #width = FIRST_WIDTH_MS;
  /** The bin that packets are counted in; all before it are closed. */
  #bin = 0;
  #end = Number.POSITIVE_INFINITY;

  constructor(conntrack: Conntrack) {
    this.#conntrack = conntrack;
  }

  /** Where the bin ends that packets are counted in now. */
  get end(): number {
    return this.#end;
  }

  /** Counts tracked packets, all of which lie in the bin that is open. */
  add(batch: Batch, count: number): void {
    for (let i = 0; i < count; i++) {
      const verdict = batch.verdict(i);
      const name = verdict === "DROP" || verdict === "REJECT" ? "DROP" : batch.ctState(i);
      const bins = this.#packets.get(name) as number[];
      bins[this.#bin] = (bins[this.#bin] as number) + 1;
    }
  }

  /** Closes the last bin at the capture's last moment. */
  finish(time: number): Timeline {
    if (Number.isNaN(this.#start)) this.#start = 0;
    else {
      this.advance(time);
      this.#sample(time);
    }
    const bins = Number.isFinite(this.#end) ? this.#bin + 1 : 0;
    return {
      start: this.#start,
      width: this.#width,
      bins,
      packets: Object.fromEntries(this.#packets),
      flows: Object.fromEntries(this.#flows),
      earlyDrops: this.#earlyDrops,
    };
  }

  /** Opens the bin of this moment; those before it are closed with the table as it is now. */
  advance(time: number): void {
    if (Number.isNaN(this.#start)) {
      this.#start = time;
      this.#end = time + this.#width;
    }
    while (time >= this.#end) {
      this.#sample(this.#end);
      this.#bin++;
      if (this.#bin >= MOST_BINS) this.#halve();
      this.#end = this.#start + (this.#bin + 1) * this.#width;
      for (const bins of this.#packets.values()) bins[this.#bin] ??= 0;
    }
  }

  /** Notes the table as it is at the end of the current bin. */
  #sample(time: number): void {
    this.#conntrack.expire({ time });
    const seen = new Set<string>();
    for (const { protocol, protocolNumber, state, flows } of this.#conntrack.countByState()) {
      const label = protocol === "unknown" ? `protocol ${protocolNumber}` : protocol;
      const name = state ? `${label} ${state}` : label;
      const bins = this.#flows.get(name) ?? Array<number>(this.#bin).fill(0);
      this.#flows.set(name, bins);
      bins[this.#bin] = flows;
      seen.add(name);
    }
    for (const [name, bins] of this.#flows) if (!seen.has(name)) bins[this.#bin] = 0;
    this.#earlyDrops[this.#bin] = this.#conntrack.stats().early_drop;
  }

  #halve(): void {
    const half = this.#bin >> 1;
    for (const bins of this.#packets.values()) {
      for (let i = 0; i < half; i++) bins[i] = (bins[2 * i] as number) + (bins[2 * i + 1] as number);
      bins.length = half;
    }
    for (const bins of [...this.#flows.values(), this.#earlyDrops]) {
      for (let i = 0; i < half; i++) bins[i] = bins[2 * i + 1] as number;
      bins.length = half;
    }
    this.#bin = half;
    this.#width *= 2;
  }
}
