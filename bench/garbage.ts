import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { cpuMillis } from "./measure.js";

setFlagsFromString("--expose-gc");

const gc = runInNewContext("gc") as () => void;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const PAUSE_MS = 4;
const MAX_PAUSES = 250;

/** Collects all garbage now, so that no contestant is charged for another's. */
export function collectGarbage(): void {
  gc();
  // V8's helper threads go on sweeping for a while, which the clock would charge to the next run.
  for (let pause = 0; pause < MAX_PAUSES; pause++) {
    const before = cpuMillis();
    Atomics.wait(sleeper, 0, 0, PAUSE_MS);
    if (cpuMillis() - before < PAUSE_MS / 8) return;
  }
}

/** Bytes that live JavaScript objects take. */
export function heapBytes(): number {
  // What the first run releases (compiled code, weak references) goes in the second.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
