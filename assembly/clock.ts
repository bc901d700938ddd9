/** The flow clock: the caller's milliseconds, and the 32-bit ticks that deadlines are kept in. */
import { TICK_MS } from "./limits";


@unmanaged
class Clock {
  ms: f64;
  /** Ticks since the caller's zero; deadlines use the lower half. */
  ticks: i64;
  running: u32;
}

const clock = changetype<Clock>(memory.data(offsetof<Clock>(), 8));

/** Far beyond any date, and exact as ticks. */
const LAST_MS: f64 = 8640000000000000;

/** Deadlines compare as signed differences: longer steps must let the sweep catch up in between. */
const LONGEST_STEP: i64 = 1 << 30;

// @ts-ignore: decorator
@inline
export function now(): u32 {
  return <u32>clock.ticks;
}

export function nowMs(): f64 {
  return clock.ms;
}

/**
 * Moves the clock to `time` and says whether it arrived: a step too long for 32-bit ticks stops halfway, to be
 * called again after a full sweep. Time that runs backwards, or is no number, leaves the clock where it is.
 */
// @ts-ignore: decorator
@inline
export function advanceClock(time: f64): bool {
  if (!(time > clock.ms) && clock.running) return true;
  return stepClock(time);
}

function stepClock(time: f64): bool {
  if (!(time >= -LAST_MS && time <= LAST_MS)) return true;
  const ticks = <i64>Math.floor(time / TICK_MS);
  if (clock.running && ticks - clock.ticks > LONGEST_STEP) {
    clock.ticks += LONGEST_STEP;
    clock.ms = <f64>(clock.ticks * TICK_MS);
    return false;
  }
  clock.running = 1;
  clock.ms = time;
  clock.ticks = ticks;
  return true;
}
