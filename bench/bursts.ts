/**
 * Ratios on a machine that is not idle: `npm run bench:bursts`, and with `--check` a gate. The contestants take turns at
 * bursts of a millisecond or less, and the fastest tenth counts: those are the bursts that nothing disturbed. Fails with
 * `--check` when HIT or LIFE have lost more than a quarter against the JS Map tracker, compared with ratios.json.
 */
import { readFileSync } from "node:fs";
import type { Contestant, ContestantName } from "./contestant.js";
import { createField, openFlows, trackPool } from "./field.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { CONNECTION_STEPS, FramePool, SLOT_BYTES } from "./workload.js";

const FLOWS = 1000;
const BATCH = 256;
const NAMES: readonly ContestantName[] = ["ours", "floor", "jsMap"];
const INTERLEAVED = 32;
const BURST_CONNECTIONS = 128;
const BURST_PACKETS = 3072;
const WARM_UPS = 80;
const ROUNDS = 250;
const COUNTED_PART = 0.1;
const TOLERATED_LOSS = 0.25;
/** More than the timeout of TIME_WAIT. */
const PAUSE_MS = 125_000;

type Figures = Record<string, number>;

/** Nanoseconds of each contestant's undisturbed bursts, divided by `units`. */
async function measure(
  field: readonly Contestant[],
  pool: FramePool,
  packets: number,
  units: number,
  prepare: (round: number) => number,
): Promise<Figures> {
  const ring = new Ring();
  const times = field.map((): number[] => []);
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const time = prepare(round);
    readAll(pool, packets);
    for (const [i, contestant] of field.entries()) {
      const begun = process.hrtime.bigint();
      trackPool(contestant, ring, pool, 0, packets, BATCH, time);
      if (round >= WARM_UPS) times[i]!.push(Number(process.hrtime.bigint() - begun) / units);
    }
    // V8 replaces hot functions between tasks.
    if (round < WARM_UPS) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const figures: Figures = {};
  for (const [i, { name }] of field.entries()) {
    figures[name] = times[i]!.sort((a, b) => a - b)[Math.floor(ROUNDS * COUNTED_PART)]!;
  }
  return figures;
}

/** Brings the frames into the cache, so that the first contestant does not pay for all. */
function readAll(pool: FramePool, packets: number): number {
  let read = 0;
  for (let at = 0; at < packets * SLOT_BYTES; at += SLOT_BYTES) read ^= pool.bytes[at]!;
  return read;
}

async function hit(): Promise<Figures> {
  const field = await createField(NAMES, FLOWS);
  let time = openFlows(field, new Ring(), FLOWS, 1000);
  for (const contestant of field) contestant.verifyChecksums(false);
  const pool = new FramePool(BURST_PACKETS);
  return measure(field, pool, BURST_PACKETS, BURST_PACKETS, (round) => {
    pool.fillWithHits(FLOWS, 1 + round);
    time += BURST_PACKETS * MS_PER_PACKET;
    return time;
  });
}

async function life(): Promise<Figures> {
  const field = await createField(NAMES, FLOWS, 2 * BURST_CONNECTIONS);
  let time = openFlows(field, new Ring(), FLOWS, 1000);
  for (const contestant of field) contestant.verifyChecksums(false);
  const packets = BURST_CONNECTIONS * CONNECTION_STEPS;
  const pool = new FramePool(packets);
  return measure(field, pool, packets, BURST_CONNECTIONS, (round) => {
    pool.fillWithConnections(
      FLOWS + round * BURST_CONNECTIONS,
      BURST_CONNECTIONS,
      CONNECTION_STEPS,
      INTERLEAVED,
    );
    time += PAUSE_MS;
    for (const contestant of field) contestant.expire(time);
    return time;
  });
}

const recorded = JSON.parse(readFileSync(new URL("./ratios.json", import.meta.url), "utf8")) as Figures;
const check = process.argv.includes("--check");
for (const [workload, figures] of [
  ["hit", await hit()],
  ["life", await life()],
] as const) {
  const ratio = figures.jsMap! / figures.ours!;
  const ns = NAMES.map((name) => `${name} ${figures[name]!.toFixed(1)} ns`).join(", ");
  console.log(`${workload} at ${FLOWS} flows: ${ns}; JS Map / ours ${ratio.toFixed(2)}`);
  if (check && ratio < recorded[workload]! * (1 - TOLERATED_LOSS)) {
    console.log(`${workload}: more than a quarter less than the recorded ${recorded[workload]}`);
    process.exitCode = 1;
  }
}
