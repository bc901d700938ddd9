import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { flowsIn, writeCapture } from "./capture.js";
import type { ContestantName } from "./contestant.js";
import { alternate, type Entrant } from "./measure.js";
import type { Options } from "./options.js";
import { type Row, rowOf } from "./rows.js";

const PROGRAM = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
const PEAK_MEMORY = new URL("./peak-memory.js", import.meta.url).href;
const QUICK_PACKETS = 20_000;
/** A shell counts in hundredths of a second, and `cat` takes few of them. */
const CAT_REPEATS = 20;

/** Runs a command $1 times, then prints the CPU time of the shell and, in the second line, of its children. */
const SHELL = 'n=$1; shift; while [ $n -gt 0 ]; do "$@" >/dev/null || exit 1; n=$((n - 1)); done; times';

interface Usage {
  cpuMillis: number;
  /** 0 when the command does not tell. */
  peakBytes: number;
}

/** What a run of the command takes, the program's start and end included: its own CPU time and its threads'. */
function usageOf(command: readonly string[], repeats: number): Usage {
  const { status, output, error } = spawnSync("sh", ["-c", SHELL, "sh", `${repeats}`, ...command], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`pcap: ${command.join(" ")} failed:\n${output[2]}`);
  const printed = output[1] ?? "";
  const told = output[3] ?? "";
  const times = Array.from(
    printed.matchAll(/(\d+)m([\d.]+)s/g),
    (found) => 60 * Number(found[1]) + Number(found[2]),
  );
  if (times.length !== 4) throw new Error(`pcap: the shell's times are no times: ${printed}`);
  return {
    cpuMillis: ((times[2]! + times[3]!) * 1000) / repeats,
    peakBytes: Math.max(0, ...told.split("\n").map(Number)),
  };
}

/** The program has to list all flows; a line each, whatever its form. */
function expectFlows(command: readonly string[], flows: number): void {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, command, {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  if (error !== undefined) throw error;
  const lines = stdout.split("\n").length - 1;
  if (status === 0 && lines >= flows) return;
  throw new Error(
    `pcap: exit code ${status} and ${lines} lines, not one for each of ${flows} flows:\n${stderr}`,
  );
}

/** From a capture to the connection table with the program, beside reading the file and doing nothing. */
export async function* pcap(options: Options): AsyncGenerator<Row> {
  if (!existsSync(PROGRAM)) {
    process.stderr.write(`pcap: left out, there is no ${PROGRAM} (npm run build makes it)\n`);
    return;
  }
  const packets = options.pcapPackets ?? (options.quick ? QUICK_PACKETS : 1_000_000);
  const folder = mkdtempSync(join(tmpdir(), "conntrack-bench-"));
  try {
    const capture = join(folder, "capture.pcap");
    const flows = flowsIn(packets);
    writeCapture(capture, packets);
    // By default the table has room for fewer flows than a large capture has.
    const replay = [PROGRAM, "replay", "--set", "nf_conntrack_max=0", capture];
    expectFlows(replay, flows);
    let peakBytes = 0;
    const runs: Partial<Record<ContestantName, () => number>> = {
      ours: () => {
        const usage = usageOf([process.execPath, "--import", PEAK_MEMORY, ...replay], 1);
        peakBytes = Math.max(peakBytes, usage.peakBytes);
        return usage.cpuMillis;
      },
      floor: () => usageOf(["cat", capture], CAT_REPEATS).cpuMillis,
    };
    const entrants: Entrant[] = [];
    for (const name of options.contestants) {
      const run = runs[name];
      if (run === undefined) continue;
      entrants.push({ name, prepare: () => {}, run: () => ({ overriddenDuration: run() }) });
    }
    const measured = await alternate(entrants, options.quick ? 3 : 7);
    const row = rowOf({ workload: "pcap", flows, packets, unit: "ns/packet" }, measured, 1_000_000 / packets);
    if (peakBytes > 0) row.peakBytes = peakBytes;
    yield row;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
