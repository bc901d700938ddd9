/** The command line as a whole. */
import { Command } from "commander";
import { ExitCode } from "./exit-code.js";
import { print } from "./output.js";
import type { Verb } from "./verbs.js";

/** `verbs`: those that are loaded. */
export async function createProgram(version: string, verbs: readonly Verb[]): Promise<Command> {
  const program = new Command("ctwasm")
    .description("Linux connection tracking, off the kernel: captures in, connection tables out.")
    .configureOutput({ writeOut: print })
    .version(version)
    .addHelpText("after", "\nctwasm VERB --help tells of a verb's options, with examples.")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE));
  for (const { load } of verbs) program.addCommand((await load()).copyInheritedSettings(program));
  return program;
}
