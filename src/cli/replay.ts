/** `ctwasm replay`: captures in, the connection table out. */
import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { flowJson, type PrintedFlow, prometheusText } from "../format/index.js";
import type { Conntrack, FlowEvent } from "../index.js";
import { type CaptureRun, runCapture, type Tracked } from "./capture.js";
import { addCaptureArgument, addEngineOptions, type CaptureFlags, settingsOf } from "./common.js";
import { withLabelNames } from "./connlabels.js";
import { ExitCode } from "./exit-code.js";
import { say, UsageError, verb } from "./fail.js";
import { addFilterOptions, type FilterOptions, filterOf, matcher } from "./filter.js";
import { printFlows } from "./flows-out.js";
import { type Form, formOption } from "./form.js";
import { interruptSignal } from "./interrupt.js";
import { Output, print } from "./output.js";
import { DROPPED, isChosen, type PacketChoice, parseChoice } from "./packet-choice.js";
import { packetLine } from "./packet-line.js";
import { PacketSink } from "./packet-sink.js";

interface ReplayOptions extends CaptureFlags, FilterOptions {
  readonly at: "end" | "all";
  readonly json?: true;
  readonly output?: Form;
  readonly only?: PacketChoice;
  readonly failOn?: PacketChoice;
  readonly pcapOut?: string;
  readonly snapshotOut?: string;
  readonly metricsOut?: string;
  readonly rulesOut?: string;
  readonly ipsetOut?: string;
}

/** Room for the end of all flows of a default table at once, and for what a batch brings beside. */
const ALL_EVENTS = 1 << 17;
/** What /proc prints for a flow that nothing else refers to; the reader's own reference is in it. */
const IDLE_USE = 2;
const PROC: Form = { name: "proc", options: {} };

const HELP = `
The flows go to standard output, totals and hints to standard error. --json
prints one document with capture (packets, bytes, firstTime, lastTime), totals,
reasons and flows; times are milliseconds since the Unix epoch.

--only and --fail-on take ct states (new, established, related, invalid,
untracked), verdicts (drop, reject, held) and codes of reasons, separated by commas.

With --rules, packets pass the machine and its rules: each enters by the device
that leads to its source.

Captures taken on the sending host often have checksums that were left to the
network card: --set nf_conntrack_checksum=0 does not look at them.

Exit status: 0 success, 1 a packet of --fail-on, 2 wrong usage, 3 unreadable or
damaged input (what could be read is still printed), 130 interrupted (likewise).

Examples:
  ctwasm replay capture.pcap
  ctwasm replay --at all -o csv capture.pcapng.gz > flows.csv
  ctwasm replay -p tcp --dport 443 --state ESTABLISHED -o extended,id lan.pcap wan.pcap
  ctwasm replay --only invalid --pcap-out invalid.pcap capture.pcap
  ctwasm replay --fail-on invalid,drop capture.pcap > /dev/null
  ctwasm replay --rules home.rules --interface lan=10.0.0.1/24 --interface wan=198.51.100.1/24 \\
    --route default=wan --only drop,reject capture.pcap
  tcpdump -w - | ctwasm replay -
  ctwasm replay --set nf_conntrack_tcp_loose=0 --json capture.pcap
`;

export function replayCommand(): Command {
  const command = addCaptureArgument(new Command("replay"))
    .description(
      "Tracks the packets of captures as Linux would and prints /proc/net/nf_conntrack at their last moment.",
    )
    .addOption(
      new Option("--at <moment>", "end: the table at the end; all: every flow, ended ones first")
        .choices(["end", "all"])
        .default("end"),
    )
    .addOption(formOption())
    .option("--json", "print one JSON document")
    .option("--only <list>", "print packets that are one of these, instead of flows", parseChoice)
    .option("--fail-on <list>", "exit with 1 when some packet is one of these", parseChoice)
    .option("--pcap-out <file>", "write the packets of --only to a capture; without it, those dropped")
    .option("--snapshot-out <file>", "write the whole state at the end to a snapshot, for list --from")
    .option("--metrics-out <file>", "write statistics for Prometheus' node_exporter (textfile collector)")
    .option("--rules-out <file>", "write the rules with their counters, as iptables-save -c prints them")
    .option("--ipset-out <file>", "write the sets as they are at the end, as ipset save prints them");
  addFilterOptions(addEngineOptions(command));
  return command.addHelpText("after", HELP).action(verb(replay));
}

async function replay(files: string[], options: ReplayOptions): Promise<ExitCode> {
  const { only, failOn } = options;
  const form = withLabelNames(options.output ?? PROC, options);
  const json = options.json === true;
  if (json && options.output) throw new UsageError("--json and -o are two forms");
  if (json && only) throw new UsageError("--json prints flows, --only packets");
  if ((options.rulesOut ?? options.ipsetOut) !== undefined && (options.rules ?? options.rules6) === undefined)
    throw new UsageError("--rules-out and --ipset-out need --rules or --rules6");
  const filter = filterOf(options);
  const matches = matcher(filter);
  const all = options.at === "all";
  const ended: FlowEvent[] = [];
  const collect = (conntrack: Conntrack) => {
    for (const event of conntrack.drainEvents())
      if (event.kind === "DESTROY" && matches(event)) ended.push(event);
  };
  const lines = new Output();
  const sink = options.pcapOut === undefined ? undefined : new PacketSink(options.pcapOut);
  const wanted = only ?? (sink ? DROPPED : undefined);
  const filtered = Object.keys(filter).length > 0;
  let firstTime: number | undefined;
  let failed = 0;
  const look = ({ batch, packets, first, number, resultOf }: Tracked) => {
    firstTime ??= packets.times[first];
    for (let i = 0; i < batch.length; i++) {
      if (failOn && isChosen(failOn, batch, i)) failed++;
      if (!wanted || !isChosen(wanted, batch, i)) continue;
      const offset = packets.offsets[first + i] ?? 0;
      const bytes = packets.bytes.subarray(offset, offset + (packets.lengths[first + i] ?? 0));
      const link = packets.linkTypes[first + i] ?? 0;
      const result = resultOf(i, bytes);
      if (filtered && !(result.flow && matches(result.flow))) continue;
      const time = packets.times[first + i] ?? 0;
      sink?.write({ bytes, time, wireLength: packets.wireLengths[first + i], linkType: link });
      if (only) lines.line(packetLine(number + i, time - (firstTime ?? time), bytes, link, result));
    }
    lines.flush();
  };
  const run = await runCapture(files, {
    settings: settingsOf(options),
    helpers: options.helper ?? [],
    machine: options,
    eventCapacity: all ? ALL_EVENTS : 0,
    signal: interruptSignal(),
    onBatch: (tracked) => {
      if (wanted || failOn) look(tracked);
      if (all) collect(tracked.conntrack);
    },
  });
  sink?.close();
  if (all && run.lastTime !== undefined) {
    // Flows that are over but not swept up yet are in neither the events nor the table.
    run.conntrack.expire({ time: run.lastTime });
    collect(run.conntrack);
    const lost = run.conntrack.takeLostEvents();
    if (lost) say(`${lost} events were lost, some ended flows are missing`);
  }
  if (!run.damaged || run.totals.packets > 0) {
    const past = ended.map((event) => ({ ...event, use: IDLE_USE, end: event.time }));
    if (json) printDocument(run, past, run.conntrack.printedFlows(filter));
    else if (!only) await printFlows(form, past, run.conntrack.printedFlows(filter));
    if (!json) process.stderr.write(run.totals.text());
    process.stderr.write(run.totals.hint());
    writeResults(run, options);
  }
  if (run.interrupted) say("interrupted, the output is partial");
  if (failed > 0) say(`${failed} packets were ${failOn?.text}`);
  if (run.interrupted) return ExitCode.INTERRUPTED;
  if (run.damaged) return ExitCode.UNREADABLE;
  return failed > 0 ? ExitCode.UNEXPECTED : ExitCode.OK;
}

function printDocument(run: CaptureRun, past: readonly PrintedFlow[], flows: Iterable<PrintedFlow>): void {
  const { totals, bytes, firstTime, lastTime } = run;
  const { packets, states, dropped, held, notIp, reasons } = totals;
  const document = {
    capture: { packets, bytes, firstTime, lastTime },
    totals: { ...states, dropped, held, notIp },
    reasons: Object.fromEntries(reasons),
    flows: [...past.map(flowJson), ...Array.from(flows, flowJson)],
  };
  print(`${JSON.stringify(document, null, 2)}\n`);
}

function writeResults({ conntrack, firewall, lastTime = 0 }: CaptureRun, options: ReplayOptions): void {
  const { snapshotOut, metricsOut, rulesOut, ipsetOut } = options;
  if (rulesOut !== undefined && firewall) {
    const { ipv4 = "", ipv6 = "" } = firewall.save({ counters: true });
    writeFileSync(rulesOut, ipv4 + ipv6);
  }
  if (ipsetOut !== undefined && firewall) writeFileSync(ipsetOut, firewall.saveSets({ time: lastTime }));
  if (snapshotOut !== undefined) writeFileSync(snapshotOut, conntrack.snapshot());
  if (metricsOut === undefined) return;
  writeFileSync(metricsOut, prometheusText(conntrack.stats(), conntrack.getSysctl("nf_conntrack_max")));
}
