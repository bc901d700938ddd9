/** `ctwasm list`: flows out of a listing or a snapshot. */
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { insertionOf, type ListedFlow } from "../format/index.js";
import { Conntrack } from "../index.js";
import { connlabelsOption, withLabelNames } from "./connlabels.js";
import { ExitCode } from "./exit-code.js";
import { say, verb } from "./fail.js";
import { addFilterOptions, type FilterOptions, filterOf } from "./filter.js";
import { printFlows } from "./flows-out.js";
import { type Form, formOption } from "./form.js";
import { readTable } from "./table.js";

const HELP = `
FILE is what /proc/net/nf_conntrack, /proc/net/ip_conntrack or conntrack -L
printed, or a snapshot; - is standard input.

Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input.

Examples:
  ctwasm list -p tcp --state ESTABLISHED
  ctwasm list --from router.snapshot -o extended,id
  ctwasm list --from router.txt --snapshot-out router.snapshot -o jsonl
  conntrack -L | ctwasm list --from - -s 10.0.0.0/8 -o jsonl
`;

interface ListOptions extends FilterOptions {
  readonly from: string;
  readonly output?: Form;
  readonly snapshotOut?: string;
}

async function writeSnapshot(file: string, flows: readonly ListedFlow[]): Promise<void> {
  const conntrack = await Conntrack.create({ sysctl: { nf_conntrack_max: 0 }, eventCapacity: 0 });
  conntrack.expire({ time: Date.now() });
  let refused = 0;
  for (const flow of flows) if (!conntrack.insert(insertionOf(flow))) refused++;
  if (refused > 0) say(`${refused} flows were not entered: their tuples are taken by others`);
  writeFileSync(file, conntrack.snapshot());
}

export function listCommand(): Command {
  const command = new Command("list")
    .description("Prints the flows of a listing or a snapshot, in any form.")
    .option("--from <file>", "where the flows are", "/proc/net/nf_conntrack")
    .addOption(formOption())
    .addOption(connlabelsOption())
    .option("--snapshot-out <file>", "enter the flows into an engine and write its snapshot");
  return addFilterOptions(command)
    .addHelpText("after", HELP)
    .action(
      verb(async (options: ListOptions) => {
        const form = withLabelNames(options.output ?? { name: "proc", options: {} }, options);
        const flows = [...(await readTable(options.from, filterOf(options)))];
        const count = await printFlows(form, flows);
        if (options.snapshotOut !== undefined) await writeSnapshot(options.snapshotOut, flows);
        say(`${count} flow entries have been shown.`);
        return ExitCode.OK;
      }),
    );
}
