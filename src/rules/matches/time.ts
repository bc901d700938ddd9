import type { Range } from "../values.js";

export interface TimeMatch {
  readonly name: "time";
  /** Seconds since 1970, UTC; both ends belong to it. */
  readonly date: Range;
  /** Seconds of the day; `max` below `min`: over midnight. */
  readonly daytime: { readonly min: number; readonly max: number };
  /** Bit 1 << n for day n of the month, 1 to 31. */
  readonly monthDays: number;
  /** Bit 1 << n for Monday (1) to Sunday (7). */
  readonly weekDays: number;
  /** By the kernel's time zone, not UTC. */
  readonly kernelTimezone: boolean;
  /** A daytime over midnight belongs to the day on which it begins. */
  readonly contiguous: boolean;
}
