import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Collects all garbage now, so that no contestant is charged for another's. */
export const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that live JavaScript objects take. */
export function heapBytes(): number {
  // What the first run releases (compiled code, weak references) goes in the second.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
