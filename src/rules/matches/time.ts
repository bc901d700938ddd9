import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, invertible, option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { badArgument, ruleError } from "../rule-error.js";
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

const LAST_SECOND = 86399;
/** The default: the last second that a signed 32-bit clock counts. */
const LAST_DATE = 0x7fffffff;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ALL_WEEK_DAYS = 0xfe;
const ALL_MONTH_DAYS = 0xfffffffe;

const timeOfDay: Reader<number> = (word) => {
  const [, hours, minutes, seconds = "0"] =
    /^([0-9]{0,3}):([0-9]{0,3})(?::([0-9]{0,3}))?$/.exec(word.text) ?? [];
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  if (!(h < 24 && m < 60 && s < 60)) throw badArgument(word, "HH:MM or HH:MM:SS");
  return h * 3600 + m * 60 + s;
};

const DATE =
  /^([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:T([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2}))?)?)?)?)?$/;

/** In UTC. A day that a month has not counts on into the next. */
const date: Reader<number> = (word) => {
  const parts = DATE.exec(word.text)?.slice(1);
  const [year = 0, month = 1, day = 1, h = 0, m = 0, s = 0] = (parts ?? []).map((part?: string) =>
    part === undefined ? undefined : Number(part),
  );
  const isDay = year >= 1970 && year <= 2038 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!isDay || h > 23 || m > 59 || s > 59) {
    throw badArgument(word, "YYYY-MM-DDTHH:MM:SS, or the beginning of it, from 1970 to 2038");
  }
  return Date.UTC(year, month - 1, day, h, m, s) / 1000;
};

/** Names, of which two letters are enough, or numbers from 1. */
const weekDays: Reader<number> = (word) => {
  return splitWord(word, ",").reduce((bits, part, i, { length }) => {
    if (part.text === "" && i === length - 1 && i > 0) return bits;
    const number = /^[1-7]$/.test(part.text) ? Number(part.text) : 0;
    const index = number || DAYS.findIndex((day) => part.text.length > 1 && day.startsWith(part.text)) + 1;
    if (index === 0) throw badArgument(part, "a list of Mon, Tue, Wed, Thu, Fri, Sat, Sun or 1 to 7");
    return bits | (1 << index);
  }, 0);
};

const monthDays: Reader<number> = (word) => {
  return splitWord(word, ",").reduce((bits, part, i, { length }) => {
    if (part.text === "" && i === length - 1 && i > 0) return bits;
    const day = /^[0-9]{1,2}$/.test(part.text) ? Number(part.text) : 0;
    if (day < 1 || day > 31) throw badArgument(part, "a list of numbers from 1 to 31");
    return (bits | (1 << day)) >>> 0;
  }, 0);
};

const options = {
  datestart: option(date),
  datestop: option(date),
  timestart: option(timeOfDay),
  timestop: option(timeOfDay),
  monthdays: invertible(monthDays),
  weekdays: invertible(weekDays),
  kerneltz: flag({ aliases: ["localtz"] }),
  utc: flag(),
  contiguous: flag(),
};

export const time = extension<TimeMatch, typeof options>({
  name: "time",
  options,
  exclusive: [["kerneltz", "utc"]],

  build(given) {
    const { datestart, datestop, timestart, timestop, monthdays, weekdays, kerneltz, contiguous } = given;
    const daytime = { min: timestart?.value ?? 0, max: timestop?.value ?? LAST_SECOND };
    if (contiguous && daytime.min <= daytime.max) {
      throw ruleError(contiguous.word, "--contiguous needs a --timestop before the --timestart");
    }
    return {
      name: "time",
      date: { min: datestart?.value ?? 0, max: datestop?.value ?? LAST_DATE },
      daytime,
      monthDays: monthdays
        ? monthdays.invert
          ? (ALL_MONTH_DAYS & ~monthdays.value) >>> 0
          : monthdays.value
        : ALL_MONTH_DAYS,
      weekDays: weekdays
        ? weekdays.invert
          ? ALL_WEEK_DAYS & ~weekdays.value
          : weekdays.value
        : ALL_WEEK_DAYS,
      kernelTimezone: kerneltz !== undefined,
      contiguous: contiguous !== undefined,
    };
  },

  refusal({ monthDays, weekDays }) {
    return monthDays === 0 || weekDays === 0 ? "no day is left" : undefined;
  },

  seen(_, { fields: { time } }) {
    const seconds = Math.floor(time / 1000);
    const day = DAYS[(new Date(seconds * 1000).getUTCDay() + 6) % 7];
    return `${printDate(seconds)} UTC, ${day}`;
  },

  print({ date, daytime, monthDays, weekDays, kernelTimezone, contiguous }) {
    const isAllDay = daytime.min === 0 && daytime.max === LAST_SECOND;
    return words(
      !isAllDay && `--timestart ${printTime(daytime.min)} --timestop ${printTime(daytime.max)}`,
      monthDays !== ALL_MONTH_DAYS && `--monthdays ${bitsOf(monthDays).join(",")}`,
      weekDays !== ALL_WEEK_DAYS &&
        `--weekdays ${bitsOf(weekDays)
          .map((day) => DAYS[day - 1]?.slice(0, 3))
          .join(",")}`,
      date.min !== 0 && `--datestart ${printDate(date.min)}`,
      `--datestop ${printDate(date.max)}`,
      kernelTimezone && "--kerneltz",
      contiguous && "--contiguous",
    );
  },
});

function bitsOf(bits: number): number[] {
  return Array.from({ length: 31 }, (_, i) => i + 1).filter((bit) => (bits >>> bit) & 1);
}

function printTime(seconds: number): string {
  return printDate(seconds).slice(11);
}

function printDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
