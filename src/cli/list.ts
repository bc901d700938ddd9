/** `ctwasm list`: flows out of a listing or a snapshot. */
import { Command } from "commander";
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
  conntrack -L | ctwasm list --from - -s 10.0.0.0/8 -o jsonl
`;

export function listCommand(): Command {
  const command = new Command("list")
    .description("Prints the flows of a listing or a snapshot, in any form.")
    .option("--from <file>", "where the flows are", "/proc/net/nf_conntrack")
    .addOption(formOption());
  return addFilterOptions(command)
    .addHelpText("after", HELP)
    .action(
      verb(async (options: FilterOptions & { readonly from: string; readonly output?: Form }) => {
        const flows = await readTable(options.from, filterOf(options));
        const count = await printFlows(options.output ?? { name: "proc", options: {} }, flows);
        say(`${count} flow entries have been shown.`);
        return ExitCode.OK;
      }),
    );
}
