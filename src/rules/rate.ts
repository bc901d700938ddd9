/** Rates such as "3/min", and what a packet costs at that rate. */
import { splitWord, type Word } from "../text/source.js";
import { badArgument, ruleError } from "./rule-error.js";

/** Units of cost in a second: those of `limit` are 100 microseconds, those of `hashlimit` 1. */
export const PER_SECOND = { limit: 10_000, hashlimit: 1_000_000 };

/** From the longest: in the order in which a fitting one is looked for. */
const PERIODS = [
  { name: "day", seconds: 86400, word: "day" },
  { name: "hour", seconds: 3600, word: "hour" },
  { name: "min", seconds: 60, word: "minute" },
  { name: "sec", seconds: 1, word: "second" },
];
const EXPECTED = "a rate such as 3/minute (second, minute, hour, day)";

/**
 * NUMBER or NUMBER/PERIOD; the period may be shortened.
 * @throws SourceError
 */
export function parseRate(word: Word, perSecond: number): { cost: number; seconds: number } {
  const [amount, period, more] = splitWord(word, "/");
  const text = amount?.text.trim() ?? "";
  const number = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
  const name = period?.text.toLowerCase();
  const found = PERIODS.find((one) =>
    name === undefined ? one.seconds === 1 : name !== "" && one.word.startsWith(name),
  );
  if (number === 0 || number > 0xffffffff || !found || more) throw badArgument(word, EXPECTED);
  const cost = Math.floor((perSecond * found.seconds) / number);
  if (cost === 0) throw ruleError(word, "the rate is too fast", `at most ${perSecond} a second`);
  return { cost, seconds: found.seconds };
}

/** In the longest period in which the number is not far from whole. */
export function formatRate(cost: number, perSecond: number): { text: string; seconds: number } {
  let fitting = PERIODS[0] as (typeof PERIODS)[number];
  for (const period of PERIODS.slice(1)) {
    const whole = perSecond * period.seconds;
    if (cost > whole || Math.floor(whole / cost) < whole % cost) break;
    fitting = period;
  }
  return {
    text: `${Math.floor((perSecond * fitting.seconds) / cost)}/${fitting.name}`,
    seconds: fitting.seconds,
  };
}

/** The kernel's ticks in a second. */
const HZ = 250n;

/**
 * The kernel turns costs into its own units, of which as many as fit make a tick, and refuses a burst whose cost does
 * not fit any more. `limit` counts in 32 bits.
 */
export function isLimitAccepted(cost: number, burst: number): boolean {
  return burst > 0 && credits(cost, 32, PER_SECOND.limit) <= credits(cost * burst, 32, PER_SECOND.limit);
}

/** `hashlimit` counts in 64 bits. */
export function isBucketSizeAccepted(cost: number, burst: number): boolean {
  return (
    burst > 0 && credits(cost, 64, PER_SECOND.hashlimit) <= credits(cost * burst, 64, PER_SECOND.hashlimit)
  );
}

function credits(cost: number, bits: 32 | 64, perSecond: number): bigint {
  const max = 2n ** BigInt(bits) - 1n;
  const perTick = 1n << BigInt((max / (HZ * 86400n)).toString(2).length - 1);
  const value = BigInt.asUintN(bits, BigInt(cost));
  const scale = BigInt(perSecond);
  const result =
    value > max / (HZ * perTick) ? (value / scale) * HZ * perTick : (value * HZ * perTick) / scale;
  return BigInt.asUintN(bits, result);
}
