/** `ctwasm stats` and `ctwasm count`: numbers instead of flows. */
import { Command, Option } from "commander";
import { conntrackStatsLine, procStat, prometheusText } from "../format/index.js";
import { type CaptureRun, runCapture } from "./capture.js";
import { addCaptureArgument, addEngineOptions, type CaptureFlags, settingsOf } from "./common.js";
import { ExitCode } from "./exit-code.js";
import { verb } from "./fail.js";
import { addFilterOptions, type FilterOptions, filterOf } from "./filter.js";
import { interruptSignal } from "./interrupt.js";
import { print } from "./output.js";

const FORMS = ["conntrack", "proc", "prometheus", "json"] as const;

const STATS_HELP = `
conntrack is what conntrack -S prints, proc what is in /proc/net/stat/nf_conntrack,
prometheus has the names of node_exporter's conntrack collector.

Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input, 130 interrupted.

Examples:
  ctwasm stats capture.pcap
  ctwasm stats -o prometheus --set nf_conntrack_max=1000 capture.pcap
`;

const COUNT_HELP = `
Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input, 130 interrupted.

Examples:
  ctwasm count capture.pcap
  ctwasm count -p tcp --state ESTABLISHED capture.pcap
`;

export function statsCommand(): Command {
  const command = addCaptureArgument(new Command("stats"))
    .description("Prints the counters of connection tracking after the last packet, as conntrack -S does.")
    .addOption(new Option("-o, --output <form>", "how").choices(FORMS).default("conntrack"));
  return addEngineOptions(command)
    .addHelpText("after", STATS_HELP)
    .action(
      verb(async (files: string[], options: CaptureFlags & { readonly output: (typeof FORMS)[number] }) => {
        const run = await read(files, options);
        print(statsText(run, options.output));
        return ending(run);
      }),
    );
}

export function countCommand(): Command {
  const command = addCaptureArgument(new Command("count")).description(
    "Prints how many flows there are after the last packet, as conntrack -C does.",
  );
  return addFilterOptions(addEngineOptions(command))
    .addHelpText("after", COUNT_HELP)
    .action(
      verb(async (files: string[], options: CaptureFlags & FilterOptions) => {
        const run = await read(files, options);
        const counts = run.conntrack.countByState(filterOf(options));
        print(`${counts.reduce((sum, { flows }) => sum + flows, 0)}\n`);
        return ending(run);
      }),
    );
}

function read(files: string[], options: CaptureFlags): Promise<CaptureRun> {
  return runCapture(files, {
    settings: settingsOf(options),
    helpers: options.helper ?? [],
    machine: options,
    eventCapacity: 0,
    signal: interruptSignal(),
  });
}

function statsText({ conntrack }: CaptureRun, form: (typeof FORMS)[number]): string {
  const stats = conntrack.stats();
  if (form === "proc") return procStat(stats);
  if (form === "json") return `${JSON.stringify(stats, null, 2)}\n`;
  if (form === "prometheus") return prometheusText(stats, conntrack.getSysctl("nf_conntrack_max"));
  return `${conntrackStatsLine(stats)}\n`;
}

function ending(run: CaptureRun): ExitCode {
  if (run.interrupted) return ExitCode.INTERRUPTED;
  return run.damaged ? ExitCode.UNREADABLE : ExitCode.OK;
}
