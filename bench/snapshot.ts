import { Conntrack } from "../src/index.js";
import { openFlows } from "./field.js";
import { collectGarbage } from "./garbage.js";
import { cpuMillis, type Measured } from "./measure.js";
import type { Options } from "./options.js";
import { Ours } from "./ours.js";
import { Ring } from "./ring.js";
import { type Row, rowOf } from "./rows.js";

const FLOWS = [1_000_000];
const QUICK_FLOWS = [65_536];
const ROUNDS = 7;

/** The whole state to bytes and back into a new engine. */
export async function* snapshot(options: Options): AsyncGenerator<Row> {
  if (!options.contestants.includes("ours")) return;
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const ours = await Ours.create(flows);
    openFlows([ours], new Ring(), flows, 1000);
    // The first round is for V8 to get to know the code.
    await roundTrip(ours.conntrack, flows);
    const millis: number[] = [];
    for (let round = 0; round < ROUNDS; round++) millis.push(await roundTrip(ours.conntrack, flows));
    yield rowOf({ workload: "snapshot", flows, unit: "ms" }, { ours: summary(millis) }, 1);
  }
}

async function roundTrip(conntrack: Conntrack, flows: number): Promise<number> {
  collectGarbage();
  const begin = cpuMillis();
  const restored = await Conntrack.restore(conntrack.snapshot());
  const took = cpuMillis() - begin;
  const found = restored.memory().flows;
  if (found !== flows) throw new Error(`snapshot: ${found} flows came back, not ${flows}`);
  return took;
}

function summary(millis: readonly number[]): Measured {
  const sorted = [...millis].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  return { median, spread: (sorted.at(-1)! - sorted[0]!) / 2 / median };
}
