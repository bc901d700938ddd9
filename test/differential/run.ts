import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import fc from "fast-check";
import * as module from "../../src/index.js";
import { compareTable } from "../conformance/compare-table.js";
import { compareDirection, compareState } from "../conformance/compare-verdict.js";
import type { RecordingHeader, Scenario } from "../conformance/recording.js";
import { replayScenario } from "../conformance/replay.js";
import { detailLines } from "../conformance/report.js";
import { Kernel, type Walk } from "./kernel.js";
import { walks } from "./walk.js";

const USAGE = `usage: npm run differential -- [--seed S] [--walks N] [--out FILE]

Random walks through this machine's own kernel and through the engine: state, direction and table after each packet. A
walk in which they differ is shrunk to as few packets as possible. Needs root, python3, nft and ip.
  --seed S    a number; default by chance
  --walks N   how many, each of up to 40 packets; default 200
  --out FILE  where the shrunk walk is written, as a recording for "npm run conformance"; default differential.jsonl`;

const HEADER: RecordingHeader = { format: "kernel-ct-trace", version: 1, source: "differential" };
/** Shrinking ends after so many milliseconds, with what it has. */
const SHRINKING = 120_000;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { seed: { type: "string" }, walks: { type: "string" }, out: { type: "string" } },
    });
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    const runs = Number(values.walks ?? 200);
    if (!Number.isInteger(seed) || !Number.isInteger(runs) || runs < 1) throw new Error("a number is none");
    return { seed, runs, out: values.out ?? "differential.jsonl" };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { seed, runs, out } = readOptions();
const kernel = new Kernel();
let packets = 0;

async function compare(walk: Walk) {
  const steps = await kernel.judge(walk);
  packets += steps.length;
  const scenario: Scenario = { name: `differential/${seed}`, sysctl: { ...walk.sysctl }, steps };
  const comparers = [compareState, compareDirection, compareTable];
  return { scenario, result: await replayScenario(module, scenario, HEADER, comparers) };
}

try {
  let patience = Number.POSITIVE_INFINITY;
  const agrees = async (walk: Walk) => {
    if (performance.now() > patience) return true;
    const { result } = await compare(walk);
    const differs = result.differing.length > 0;
    if (differs) patience = Math.min(patience, performance.now() + SHRINKING);
    return !differs;
  };
  const details = await fc.check(fc.asyncProperty(walks, agrees), { seed, numRuns: runs });
  if (!details.failed) {
    console.log(`seed ${seed}: ${runs} walks, ${packets} packets, no difference`);
  } else if (details.counterexample) {
    const { scenario, result } = await compare(details.counterexample[0]);
    writeFileSync(out, `${JSON.stringify(HEADER)}\n${JSON.stringify(scenario)}\n`);
    console.log(
      `seed ${seed}: differs after ${details.numRuns} walks, shrunk ${details.numShrinks} times: ${out}`,
    );
    console.log(detailLines(result).join("\n"));
    process.exitCode = 1;
  } else {
    throw details.errorInstance ?? new Error("interrupted");
  }
} finally {
  kernel.close();
}
