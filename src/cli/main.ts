#!/usr/bin/env node
/** ctwasm: connection tracking on the command line. One file a verb. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { ExitCode } from "./exit-code.js";
import { VERBS } from "./verbs.js";

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? ExitCode.OK : ExitCode.UNREADABLE);
});

const program = new Command("ctwasm")
  .description("Linux connection tracking, off the kernel: captures in, connection tables out.")
  .version(version)
  .addHelpText("after", "\nctwasm VERB --help tells of a verb's options, with examples.")
  .exitOverride((error) => process.exit(error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE));

// Only the verb that is called is loaded; for anything else all of them are, so that help and complaints are whole.
const called = VERBS.find(({ name }) => name === process.argv[2]);
for (const { load } of called ? [called] : VERBS) {
  program.addCommand((await load()).copyInheritedSettings(program));
}

await program.parseAsync();
