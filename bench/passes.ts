/**
 * Where the nanoseconds go, by function: `npm run bench:passes`. The engine is built with names, and V8's sampling profiler
 * tells in which function it finds the process while packets are tracked. Functions that are inlined count as the one that
 * they are inlined into, which is what ARCHITECTURE.md calls a pass.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { useModule } from "../src/engine/instantiate.js";
import { openFlows, trackPool, warmUp } from "./field.js";
import { Ours } from "./ours.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { CONNECTION_STEPS, FramePool } from "./workload.js";

const FLOWS = [1000, 1_000_000];
const BATCH = 256;
const PACKETS = 1 << 16;
const CONNECTIONS = 8192;
const INTERLEAVED = 32;
const ROUNDS = 60;
const SAMPLE_MICROSECONDS = 100;
/** More than the timeout of TIME_WAIT. */
const PAUSE_MS = 125_000;
/** Parts smaller than this, in percent, are summed up. */
const LEAST_PERCENT = 0.5;

/** The engine with the names of its functions. */
function namedEngine(): WebAssembly.Module {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "conntrack-bench-"));
  try {
    const out = join(folder, "engine.wasm");
    const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
    const args = ["assembly/index.ts", "--target", "release", "--debug", "--outFile", out];
    execFileSync(process.execPath, [compiler, ...args], { cwd: root, stdio: ["ignore", "ignore", "ignore"] });
    return new WebAssembly.Module(readFileSync(out));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Profiles `run`; microseconds by function. */
async function profile(
  rounds: number,
  prepare: (round: number) => void,
  run: () => void,
): Promise<Map<string, number>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_MICROSECONDS });
  const found = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    prepare(round);
    await session.post("Profiler.start");
    run();
    const { profile } = await session.post("Profiler.stop");
    const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
    for (const [i, id] of (profile.samples ?? []).entries()) {
      const name = names.get(id) ?? "";
      found.set(name, (found.get(name) ?? 0) + (profile.timeDeltas?.[i] ?? 0));
    }
  }
  session.disconnect();
  return found;
}

/** What is not the tracker's: the profiler itself, and waiting. */
const OUTSIDE = new Set(["(root)", "(program)", "(idle)", "run", "profile", "post", "dispatch", ""]);

function print(title: string, parts: Map<string, number>, units: number): void {
  const counted = [...parts].filter(([name]) => !OUTSIDE.has(name)).sort(([, a], [, b]) => b - a);
  const all = counted.reduce((sum, [, time]) => sum + time, 0);
  const nanoseconds = (time: number) => ((time * 1000) / units).toFixed(1).padStart(7);
  console.log(`\n${title}: ${nanoseconds(all).trim()} ns`);
  let rest = 0;
  for (const [name, time] of counted) {
    if ((100 * time) / all < LEAST_PERCENT) rest += time;
    else console.log(`${nanoseconds(time)} ns  ${name.replace("assembly/", "")}`);
  }
  console.log(`${nanoseconds(rest)} ns  all others`);
}

useModule(namedEngine());
for (const flows of FLOWS) {
  const ours = await Ours.create(flows + 2 * CONNECTIONS);
  const ring = new Ring();
  let time = openFlows([ours], ring, flows, 1000);
  ours.verifyChecksums(false);
  const pool = new FramePool(PACKETS);
  const hit = () => {
    time += PACKETS * MS_PER_PACKET;
    trackPool(ours, ring, pool, 0, PACKETS, BATCH, time);
  };
  pool.fillWithHits(flows, 1);
  await warmUp(ROUNDS, hit);
  const hits = await profile(ROUNDS, (round) => pool.fillWithHits(flows, 2 + round), hit);
  print(`hit, ${flows} flows, a packet`, hits, ROUNDS * PACKETS);

  let next = flows;
  const connections = new FramePool(CONNECTIONS * CONNECTION_STEPS);
  const prepare = () => {
    time += PAUSE_MS;
    ours.expire(time);
    connections.fillWithConnections(next, CONNECTIONS, CONNECTION_STEPS, INTERLEAVED);
    next += CONNECTIONS;
  };
  const life = () => {
    trackPool(ours, ring, connections, 0, CONNECTIONS * CONNECTION_STEPS, BATCH, time);
  };
  await warmUp(ROUNDS, () => {
    prepare();
    life();
  });
  const lives = await profile(ROUNDS, prepare, life);
  print(`life, ${flows} flows, a connection of ${CONNECTION_STEPS} packets`, lives, ROUNDS * CONNECTIONS);
}
