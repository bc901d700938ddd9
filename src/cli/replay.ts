/** `ctwasm replay`: a capture in, the connection table out. */
import { Command, Option } from "commander";
import { flowJson, procLine } from "../format/index.js";
import { type Conntrack, ConntrackError, type FlowEvent } from "../index.js";
import { type CaptureRun, runCapture } from "./capture.js";
import { ExitCode } from "./exit-code.js";
import { addSetting, addSettingsFile, mergeSettings, type Settings, settingError } from "./settings.js";

interface ReplayOptions {
  readonly at: "end" | "all";
  readonly json?: true;
  readonly set?: Settings;
  readonly sysctl?: Settings;
}

/** Room for the end of all flows of a default table at once, and for what a batch brings beside. */
const ALL_EVENTS = 1 << 17;
/** What /proc prints for a flow that nothing else refers to; the reader's own reference is in it. */
const IDLE_USE = 2;

const HELP = `
The flows go to standard output, totals and hints to standard error. --json
prints one document with capture (packets, bytes, firstTime, lastTime), totals,
reasons and flows; times are milliseconds since the Unix epoch.

Captures taken on the sending host often have checksums that were left to the
network card: --set nf_conntrack_checksum=0 does not look at them.

Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input (what could
be read is still printed), 130 interrupted (likewise).

Examples:
  ctwasm replay capture.pcap
  ctwasm replay --at all capture.pcapng.gz
  tcpdump -w - | ctwasm replay -
  ctwasm replay --set nf_conntrack_tcp_loose=0 --json capture.pcap
`;

export function replayCommand(): Command {
  return new Command("replay")
    .description(
      "Tracks a capture's packets as Linux would and prints /proc/net/nf_conntrack at its last moment.",
    )
    .argument("<file>", "pcap or pcapng, gzipped or not; - is standard input")
    .addOption(
      new Option("--at <moment>", "end: the table at the end; all: every flow, ended ones first")
        .choices(["end", "all"])
        .default("end"),
    )
    .option("--json", "print one JSON document")
    .option("--set <name=value>", "set a sysctl (repeatable)", addSetting)
    .option("--sysctl <file>", "take settings from a file as sysctl.conf(5); --set wins", addSettingsFile)
    .addHelpText("after", HELP)
    .action(async (file: string, options: ReplayOptions) => {
      process.exitCode = await replay(file, options);
    });
}

async function replay(file: string, options: ReplayOptions): Promise<ExitCode> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => {
    interrupt.abort();
    // Reading may be waiting for input that never comes.
    if (file === "-") process.stdin.destroy();
  });
  const all = options.at === "all";
  const ended: FlowEvent[] = [];
  const collect = (conntrack: Conntrack) => {
    for (const event of conntrack.drainEvents()) if (event.kind === "DESTROY") ended.push(event);
  };
  const settings = mergeSettings(options.sysctl, options.set);
  let run: CaptureRun;
  try {
    run = await runCapture(file, {
      settings: settings.values,
      eventCapacity: all ? ALL_EVENTS : 0,
      signal: interrupt.signal,
      ...(all ? { onBatch: collect } : {}),
    });
  } catch (error) {
    if (!(error instanceof ConntrackError) || error.code !== "CT_BAD_SYSCTL") throw error;
    process.stderr.write(`ctwasm: ${error.code}: ${settingError(settings, error.message)}\n`);
    return ExitCode.USAGE;
  }
  if (all && run.lastTime !== undefined) {
    // Flows that are over but not swept up yet are in neither the events nor the table.
    run.conntrack.expire({ time: run.lastTime });
    collect(run.conntrack);
    const lost = run.conntrack.takeLostEvents();
    if (lost) process.stderr.write(`ctwasm: ${lost} events were lost, some ended flows are missing\n`);
  }
  const stopped = interrupt.signal.aborted;
  const error = stopped ? undefined : run.error;
  if (!error || run.totals.packets > 0) print(run, ended, options.json === true);
  if (stopped) process.stderr.write("ctwasm: interrupted, the output is partial\n");
  if (error) {
    const code = error instanceof ConntrackError ? `${error.code}: ` : "";
    process.stderr.write(`ctwasm: ${file}: ${code}${error.message}\n`);
    return ExitCode.UNREADABLE;
  }
  return stopped ? ExitCode.INTERRUPTED : ExitCode.OK;
}

function print(run: CaptureRun, ended: readonly FlowEvent[], json: boolean): void {
  const { conntrack, totals, bytes, firstTime, lastTime } = run;
  const past = ended.map((event) => ({ ...event, use: IDLE_USE }));
  if (json) {
    const { packets, states, dropped, held, notIp, reasons } = totals;
    const document = {
      capture: { packets, bytes, firstTime, lastTime },
      totals: { ...states, dropped, held, notIp },
      reasons: Object.fromEntries(reasons),
      flows: [...past.map(flowJson), ...Array.from(conntrack.flows(), flowJson)],
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    for (const flow of past) process.stdout.write(`${procLine(flow)}\n`);
    process.stdout.write(conntrack.procNetNfConntrack());
    process.stderr.write(totals.text());
  }
  process.stderr.write(totals.hint());
}
