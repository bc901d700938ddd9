import type { ContestantName } from "./contestant.js";
import type { Measurements } from "./measure.js";

export type Workload =
  | "hit"
  | "life"
  | "expire"
  | "pause"
  | "mem"
  | "size"
  | "pcap"
  | "nat"
  | "shards"
  | "snapshot";

/** A line of the result: the figures of all contestants for one setting; null where one was not measured. */
export interface Row {
  workload:
    | Exclude<Workload, "nat" | "pause">
    | "expire-pause"
    | "insert-pause"
    | "growth-pause"
    | "sweep-pause"
    | "nat-hit"
    | "nat-life";
  flows: number;
  /** In the capture. */
  packets?: number;
  /** Packets a call. */
  batch?: number;
  /** Whether TCP checksums were verified. */
  checksum?: boolean;
  /** Whether events were told. */
  events?: boolean;
  /** Of flows with counters. */
  counters?: boolean;
  family?: "ipv4" | "ipv6";
  /** Ours. */
  value: number | null;
  unit: string;
  floor: number | null;
  jsMap: number | null;
  /** There where it was measured. */
  jsHash?: number;
  /** Of nat: the same untranslated, without rules and through the hooks. */
  conntrack?: number;
  router?: number;
  /** Of shards: the same with one worker. */
  oneWorker?: number;
  /** Of shards: CPU time of the thread that has most to do, with two workers and with one. */
  busiest?: { readonly two: number; readonly one: number };
  /** The most memory that our process had. */
  peakBytes?: number;
  /** Half the distance between the best and the worst run, as a part of the median. */
  spread: Partial<Record<ContestantName, number>>;
}

export type Setting = Pick<Row, "workload" | "flows" | "packets" | "batch" | "checksum" | "events" | "unit">;

/** The row for measurements in milliseconds, each of which is worth `scale` units. */
export function rowOf(setting: Setting, measured: Measurements, scale: number): Row {
  const figure = (name: ContestantName) => {
    const one = measured[name];
    return one === undefined ? null : round(one.median * scale);
  };
  const spread: Row["spread"] = {};
  for (const name of Object.keys(measured) as ContestantName[]) spread[name] = round(measured[name]!.spread);
  const row: Row = {
    ...setting,
    value: figure("ours"),
    floor: figure("floor"),
    jsMap: figure("jsMap"),
    spread,
  };
  const jsHash = figure("jsHash");
  if (jsHash !== null) row.jsHash = jsHash;
  const [conntrack, router] = [figure("conntrack"), figure("router")];
  if (conntrack !== null) row.conntrack = conntrack;
  if (router !== null) row.router = router;
  return row;
}

/** To four digits: more would be noise. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}

function ratio(above: number | null, below: number | null): string {
  return above === null || below === null || below === 0 ? "n/a" : (above / below).toFixed(2);
}

/** The row for `console.table`. */
export function tableLine(row: Row): Record<string, string | number> {
  const { conntrack, router, oneWorker } = row;
  if (conntrack !== undefined && router !== undefined) return natLine(row, conntrack, router);
  if (oneWorker !== undefined) return shardsLine(row, oneWorker);
  const figure = (value: number | null, name: ContestantName) => {
    if (value === null) return "n/a";
    const spread = row.spread[name];
    return spread === undefined ? `${value}` : `${value} ±${(spread * 100).toFixed(0)}%`;
  };
  return {
    workload: row.workload,
    flows: row.flows || "",
    ...(row.packets === undefined ? {} : { packets: row.packets }),
    batch: row.batch ?? "",
    checksum: row.checksum === undefined ? "" : row.checksum ? "on" : "off",
    ...(row.events === undefined ? {} : { events: row.events ? "on" : "off" }),
    ...(row.family === undefined ? {} : { family: row.family, counters: row.counters ? "on" : "off" }),
    unit: row.unit,
    ours: figure(row.value, "ours"),
    floor: figure(row.floor, "floor"),
    "JS Map": figure(row.jsMap, "jsMap"),
    ...(row.jsHash === undefined ? {} : { "own hash + JS Map": figure(row.jsHash, "jsHash") }),
    "ours / floor": ratio(row.value, row.floor),
    "JS Map / ours": ratio(row.jsMap, row.value),
    ...(row.peakBytes === undefined ? {} : { "peak MiB": Math.round(row.peakBytes / 2 ** 20) }),
  };
}

function natLine(row: Row, conntrack: number, router: number): Record<string, string | number> {
  return {
    workload: row.workload,
    flows: row.flows,
    unit: row.unit,
    translated: row.value ?? "n/a",
    "through hooks": router,
    "tracked only": conntrack,
    "translated / through hooks": ratio(row.value, router),
    "translated / tracked only": ratio(row.value, conntrack),
  };
}

function shardsLine(row: Row, oneWorker: number): Record<string, string | number> {
  return {
    workload: row.workload,
    flows: row.flows,
    batch: row.batch ?? "",
    unit: row.unit,
    "two workers": row.value ?? "n/a",
    "one worker": oneWorker,
    "one worker / two workers": ratio(oneWorker, row.value),
    ...(row.busiest && {
      "busiest thread of two": row.busiest.two,
      "of one": row.busiest.one,
      "of one / of two": ratio(row.busiest.one, row.busiest.two),
    }),
  };
}
