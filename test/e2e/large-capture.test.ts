/** More than memory holds, as somebody pipes it in: 1.29 GB from a pipe to the final table. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { LARGE, largeCapture } from "../large-capture.js";
import { CLI } from "./ctwasm.js";

/** Tells file descriptor 3 the most memory that a program had. */
const PEAK = ["--import", new URL("../../bench/peak-memory.js", import.meta.url).href];
const MEGABYTE = 1e6;
/** Seconds, but for machines that are busy with other things. */
const SLOW_MS = 600_000;

function peakOfNode(): number {
  const stdio = ["ignore", "ignore", "inherit", "pipe"] as const;
  return Number(spawnSync("node", [...PEAK, "-e", "0"], { stdio: [...stdio], encoding: "utf8" }).output[3]);
}

/** Pipes the capture through a replay; `onLine` sees each line of the table. */
async function replay(args: readonly string[], onLine: (line: string) => void) {
  const child = spawn("node", [...PEAK, CLI, "replay", ...args, "-"], {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const said = text(child.stderr);
  const peak = text(child.stdio[3] as Readable);
  const table = createInterface({ input: child.stdout });
  table.on("line", onLine);
  await pipeline(largeCapture(), child.stdin);
  return { status: await ended, stderr: await said, peak: Number(await peak) };
}

describe("a capture of 1.29 GB", () => {
  it(
    "comes to a table with every flow and every packet, in bounded memory",
    async () => {
      const states = new Map<string, number>();
      let flows = 0;
      let packets = 0;
      const { status, stderr, peak } = await replay(
        ["--set", "nf_conntrack_max=0", "--set", "nf_conntrack_acct=1"],
        (line) => {
          flows++;
          for (const [, count] of line.matchAll(/ packets=(\d+)/g)) packets += Number(count);
          const what = / (tcp {6}6 \d+ \w+|udp) /.exec(line)?.[1]?.replace(/\d+ /g, "") ?? line;
          states.set(what, (states.get(what) ?? 0) + 1);
        },
      );
      expect(status).toBe(0);
      expect(stderr).toBe(
        `${LARGE.packets} packets: ${LARGE.flows} NEW, ${LARGE.packets - LARGE.flows} ESTABLISHED, ` +
          "0 RELATED, 0 INVALID, 0 UNTRACKED, 0 dropped\n",
      );
      expect({ flows, packets }).toEqual({ flows: LARGE.flows, packets: LARGE.packets });
      expect(Object.fromEntries(states)).toEqual({ "tcp      TIME_WAIT": 159857, udp: 40143 });
      expect((peak - peakOfNode()) / MEGABYTE).toBeLessThan(100);
    },
    SLOW_MS,
  );

  it(
    "goes through a table that is full nearly all the time",
    async () => {
      let flows = 0;
      const { status, stderr, peak } = await replay([], () => flows++);
      expect(status).toBe(0);
      expect(flows).toBeLessThanOrEqual(65536);
      expect(flows).toBeGreaterThan(60000);
      expect(stderr).toMatch(/^5000000 packets: .* INVALID, 0 UNTRACKED, \d{7} dropped$/m);
      expect(stderr).toMatch(/^ {2}\d{7} TABLE_FULL$/m);
      expect((peak - peakOfNode()) / MEGABYTE).toBeLessThan(100);
    },
    SLOW_MS,
  );
});
