import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import * as module from "../../src/index.js";
import { readRecording } from "./recording.js";
import { replayScenario } from "./replay.js";
import { detailLines, jsonLine, summaryLine, Tally } from "./report.js";

const USAGE = `usage: npm run conformance -- FILE... [--only PREFIX]... [--json] [--verbose]

Replays recordings of the Linux kernel (.jsonl, .jsonl.gz) and prints a line per scenario that differs.
  --only PREFIX   only scenarios whose name starts so (may be given several times)
  --json          those lines as JSON
  --verbose       every differing step with all that differs
The last line on stdout counts what agrees. Exit status: 0 all agree, 1 some differ, 2 wrong use.`;

class UsageError extends Error {}

interface Options {
  files: string[];
  only: string[];
  json: boolean;
  verbose: boolean;
}

function readOptions(): Options {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        only: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
      },
    });
    if (positionals.length === 0) throw new UsageError("no recording given");
    return { ...values, files: positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function replayFile(file: string, options: Options, tally: Tally): Promise<void> {
  const { header, scenarios } = await readRecording(
    Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
  );
  for await (const scenario of scenarios) {
    if (options.only.length > 0 && !options.only.some((prefix) => scenario.name.startsWith(prefix))) continue;
    const result = await replayScenario(module, scenario, header);
    tally.add(result);
    if (result.differing.length === 0) continue;
    if (options.json) console.log(jsonLine(result, options.verbose));
    else if (options.verbose) console.log(detailLines(result).join("\n"));
    else console.log(summaryLine(result));
  }
}

try {
  const options = readOptions();
  const tally = new Tally();
  for (const file of options.files) {
    // whatever a scenario throws counts as its result: what arrives here is about the file
    await replayFile(file, options, tally).catch((error: Error) => {
      throw new UsageError(`${file}: ${error.message}`);
    });
  }
  console.error(tally.print());
  console.log(JSON.stringify(tally.totals));
  process.exitCode = tally.allAgree ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
