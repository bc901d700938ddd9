import { Bench } from "tinybench";
import type { ContestantName } from "./contestant.js";

/** Milliseconds of CPU that this process used. Unlike the clock on the wall it stands still while others run. */
export function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export interface Entrant {
  name: ContestantName;
  /** What comes before a run and is not measured. */
  prepare(round: number): void;
  /** A run; it may return what it measured itself instead of its whole time. */
  run(round: number): undefined | { overriddenDuration: number };
}

export interface Measured {
  /** Median of the runs, in milliseconds. */
  median: number;
  /** Half the distance between the best and the worst run, as a part of the median. */
  spread: number;
}

export type Measurements = Partial<Record<ContestantName, Measured>>;

/**
 * Runs the entrants in turn, `rounds` times: what disturbs the machine for a while disturbs all of them. Tinybench
 * interleaves its tasks when it runs them concurrently; none of them waits for anything, so it is one run at a time.
 */
export async function alternate(entrants: readonly Entrant[], rounds: number): Promise<Measurements> {
  const bench = new Bench({
    concurrency: "bench",
    iterations: rounds,
    time: 0,
    warmup: false,
    throws: true,
    now: cpuMillis,
  });
  const order: number[] = [];
  for (const [position, entrant] of entrants.entries()) {
    let round = 0;
    bench.add(entrant.name, () => entrant.run(round++), {
      async: false,
      beforeEach: () => {
        order.push(position);
        entrant.prepare(round);
      },
    });
  }
  await bench.run();
  if (order.some((position, i) => position !== i % entrants.length))
    throw new Error("the runs did not alternate");

  const found: Measurements = {};
  for (const task of bench.tasks) {
    const { result } = task;
    if (result.state !== "completed") throw new Error(`${task.name}: ${result.state}`);
    const { p50, min, max } = result.latency;
    found[task.name as ContestantName] = { median: p50, spread: p50 === 0 ? 0 : (max - min) / 2 / p50 };
  }
  return found;
}
