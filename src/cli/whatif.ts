/** `ctwasm whatif`: the same captures under several settings. */
import { Command, InvalidArgumentError, Option } from "commander";
import { type CaptureRun, runCapture } from "./capture.js";
import { addCaptureArgument, addEngineOptions, type CaptureFlags, settingsOf } from "./common.js";
import { ExitCode } from "./exit-code.js";
import { UsageError, verb } from "./fail.js";
import { interruptSignal } from "./interrupt.js";
import { print } from "./output.js";
import { mergeSettings, type Settings } from "./settings.js";

interface WhatifOptions extends CaptureFlags {
  readonly vary?: readonly Variation[];
  readonly output: "table" | "json";
}

interface Variation {
  readonly name: string;
  readonly values: readonly number[];
}

/** What one set of settings leads to. */
interface Outcome {
  readonly settings: Readonly<Record<string, number>>;
  readonly packets: number;
  readonly peakEntries: number;
  readonly entries: number;
  readonly earlyDrops: number;
  /** Packets dropped because the table was full. */
  readonly tableFull: number;
  /** Seconds from the first packet to the first of those. */
  readonly firstTableFull: number | undefined;
  readonly invalid: number;
  readonly megabytes: number;
}

const MOST_RUNS = 256;

const HELP = `
Reads the captures once for each combination of values. Peak entries are looked
at every 256 packets; memory is that of all tables at the end.

Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input, 130 interrupted.

Examples:
  ctwasm whatif --vary nf_conntrack_max=1000,4000 capture.pcap
  ctwasm whatif --vary nf_conntrack_tcp_be_liberal=0,1 --vary nf_conntrack_tcp_loose=0,1 -o json capture.pcap
`;

export function whatifCommand(): Command {
  const command = addCaptureArgument(new Command("whatif"))
    .description("Compares what captures come to under several settings.")
    .option("--vary <name=value,...>", "a sysctl and the values to try (repeatable)", addVariation)
    .addOption(new Option("-o, --output <form>", "how").choices(["table", "json"]).default("table"));
  return addEngineOptions(command).addHelpText("after", HELP).action(verb(whatif));
}

async function whatif(files: string[], options: WhatifOptions): Promise<ExitCode> {
  const { vary = [] } = options;
  if (vary.length === 0)
    throw new UsageError("nothing to compare: give at least one --vary NAME=VALUE,VALUE");
  if (files.includes("-")) throw new UsageError("standard input can be read once only: give files");
  const combinations = vary.reduce<Readonly<Record<string, number>>[]>(
    (sets, { name, values }) => sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value }))),
    [{}],
  );
  if (combinations.length > MOST_RUNS) {
    throw new UsageError(`${combinations.length} combinations: more than ${MOST_RUNS}`);
  }
  const signal = interruptSignal();
  const outcomes: Outcome[] = [];
  let damaged = false;
  for (const values of combinations) {
    const origins = Object.fromEntries(Object.keys(values).map((name) => [name, "--vary"]));
    const settings = mergeSettings(settingsOf(options), { values, origins });
    const { outcome, run } = await tryOut(files, options, settings, values, signal, outcomes.length > 0);
    damaged ||= run.damaged;
    if (signal.aborted) break;
    outcomes.push(outcome);
  }
  print(options.output === "json" ? `${JSON.stringify(outcomes, null, 2)}\n` : table(vary, outcomes));
  if (signal.aborted) return ExitCode.INTERRUPTED;
  return damaged ? ExitCode.UNREADABLE : ExitCode.OK;
}

async function tryOut(
  files: readonly string[],
  flags: CaptureFlags,
  settings: Settings,
  values: Readonly<Record<string, number>>,
  signal: AbortSignal,
  again: boolean,
): Promise<{ outcome: Outcome; run: CaptureRun }> {
  let peakEntries = 0;
  let firstTime: number | undefined;
  let full: number | undefined;
  const run = await runCapture(files, {
    settings,
    helpers: flags.helper ?? [],
    machine: flags,
    eventCapacity: 0,
    signal,
    quiet: again,
    onBatch: ({ conntrack, batch, packets, first }) => {
      firstTime ??= packets.times[first];
      peakEntries = Math.max(peakEntries, conntrack.memory().flows);
      for (let i = 0; full === undefined && i < batch.length; i++) {
        if (batch.verdict(i) === "DROP" && batch.reason(i) === "TABLE_FULL") full = packets.times[first + i];
      }
    },
  });
  const { conntrack, totals } = run;
  const outcome: Outcome = {
    settings: values,
    packets: totals.packets,
    peakEntries,
    entries: conntrack.memory().flows,
    earlyDrops: conntrack.stats().early_drop,
    tableFull: totals.reasons.get("TABLE_FULL") ?? 0,
    firstTableFull: full === undefined || firstTime === undefined ? undefined : (full - firstTime) / 1000,
    invalid: totals.states.INVALID,
    megabytes: Math.round(conntrack.memory().bytes / 1e4) / 100,
  };
  return { outcome, run };
}

const COLUMNS: readonly (readonly [title: string, of: (outcome: Outcome) => string])[] = [
  ["peak entries", ({ peakEntries }) => `${peakEntries}`],
  ["entries", ({ entries }) => `${entries}`],
  ["early drops", ({ earlyDrops }) => `${earlyDrops}`],
  ["table full", ({ tableFull }) => `${tableFull}`],
  [
    "first full",
    ({ firstTableFull }) => (firstTableFull === undefined ? "-" : `${firstTableFull.toFixed(3)}s`),
  ],
  ["INVALID", ({ invalid }) => `${invalid}`],
  ["memory", ({ megabytes }) => `${megabytes.toFixed(2)}MB`],
];

function table(vary: readonly Variation[], outcomes: readonly Outcome[]): string {
  const names = vary.map(({ name }) => name.replace(/^.*nf_conntrack_/, ""));
  const rows = [
    [...names, ...COLUMNS.map(([title]) => title)],
    ...outcomes.map((outcome) => [
      ...vary.map(({ name }) => `${outcome.settings[name]}`),
      ...COLUMNS.map(([, of]) => of(outcome)),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `${row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ")}\n`).join("");
}

function addVariation(text: string, before: readonly Variation[] = []): Variation[] {
  const match = /^([\w./]+)=(\d+(?:,\d+)*)$/.exec(text);
  if (!match?.[1] || !match[2]) throw new InvalidArgumentError("expected NAME=VALUE,VALUE...");
  if (before.some(({ name }) => name === match[1]))
    throw new InvalidArgumentError(`${match[1]} is varied twice`);
  return [...before, { name: match[1], values: match[2].split(",").map(Number) }];
}
