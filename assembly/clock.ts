/** The flow clock: the caller's milliseconds, and the 32-bit ticks that deadlines are kept in. */
import { TICK_MS } from "./limits";


@unmanaged
class Clock {
  ms: f64;
  /** Ticks since the caller's zero; deadlines use the lower half. */
  ticks: i64;
  /** When all flows were last looked at: nothing that ended before it is left. */
  swept: i64;
  running: u32;
  /** Milliseconds at which the current tick ends; what lies before it needs no conversion, which takes 5 ns. */
  tickEnd: f64;
}

const clock = changetype<Clock>(memory.data(offsetof<Clock>(), 8));

/** Far beyond any date, and exact as ticks. */
export const LAST_MS: f64 = 8640000000000000;

/**
 * Deadlines compare as signed differences of 32 bits, and the longest timeout takes half of their range: flows that
 * are over must be gone before the other half is used up.
 */
const LONGEST_WITHOUT_SWEEP: i64 = 1 << 30;

// @ts-ignore: decorator
@inline
export function now(): u32 {
  return <u32>clock.ticks;
}

export function nowMs(): f64 {
  return clock.ms;
}

/**
 * Moves the clock to `time` and says whether it arrived: before too long a step it stops halfway, to be called again
 * after a full sweep. Time that runs backwards, or is no number, leaves the clock where it is.
 */
// @ts-ignore: decorator
@inline
export function advanceClock(time: f64): bool {
  if (!(time < tickEndMs())) return stepClock(time);
  noteTime(time);
  return true;
}

/** When the current tick ends: earlier times need noteTime() only. */
// @ts-ignore: decorator
@inline
export function tickEndMs(): f64 {
  return clock.tickEnd;
}

// @ts-ignore: decorator
@inline
export function noteTime(time: f64): void {
  if (time > clock.ms) clock.ms = time;
}

function stepClock(time: f64): bool {
  if (!(time > clock.ms) && clock.running) return true;
  // A first time that is none starts the clock at zero.
  if (!(time >= -LAST_MS && time <= LAST_MS)) {
    clock.running = 1;
    return true;
  }
  const ticks = <i64>Math.floor(time / TICK_MS);
  const furthest = clock.swept + LONGEST_WITHOUT_SWEEP;
  if (clock.running && ticks > furthest) {
    clock.ticks = furthest;
    clock.ms = <f64>(furthest * TICK_MS);
    clock.tickEnd = clock.ms;
    return false;
  }
  if (!clock.running) clock.swept = ticks;
  clock.running = 1;
  clock.ms = time;
  clock.ticks = ticks;
  clock.tickEnd = <f64>((ticks + 1) * TICK_MS);
  return true;
}

/** Lets the clock move on however far: nothing is in the table that could be misread. */
export function noteEmptyTable(): void {
  clock.running = 0;
  clock.tickEnd = -Infinity;
}

/** To be told when all flows have been looked at. */
export function noteSweep(): void {
  clock.swept = clock.ticks;
}
