/** Runs the built command as a user would. */
import { spawn, spawnSync } from "node:child_process";
import { scratchFolder } from "../scratch.js";

export const CLI = "dist/src/cli/main.js";
export const LAB = "test/captures/lab.pcap";

export const scratch = scratchFolder();

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of standard output, without empty ones. */
  readonly lines: string[];
}

export function ctwasm(args: readonly string[], input?: Uint8Array | string, env?: NodeJS.ProcessEnv): Ran {
  const { status, stdout, stderr } = spawnSync("node", [CLI, ...args], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr, lines: stdout.split("\n").filter((line) => line !== "") };
}

/** A running one, with what it has printed so far. */
export function start(args: readonly string[]) {
  const child = spawn("node", [CLI, ...args]);
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    printed.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    printed.stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  /** Waits until standard output has this in it. */
  const shows = async (text: string) => {
    while (!printed.stdout.includes(text)) {
      if (child.exitCode !== null) throw new Error(`ended without ${text}: ${printed.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, printed, ended, shows };
}
