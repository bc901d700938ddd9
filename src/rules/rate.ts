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
 * The kernel turns costs into units of its own, of which as many as fit make a tick, and refuses a burst whose cost
 * does not fit any more. `limit` counts in 32 bits.
 */
export function isLimitAccepted(cost: number, burst: number): boolean {
  const perTick = unitsPerTick(32) * HZ;
  const scale = BigInt(PER_SECOND.limit);
  const units = (cost: bigint) => {
    const value = BigInt.asUintN(32, cost);
    const isLarge = value > 0xffffffffn / perTick;
    return BigInt.asUintN(32, isLarge ? (value / scale) * perTick : (value * perTick) / scale);
  };
  return burst > 0 && units(BigInt(cost) * BigInt(burst)) >= units(BigInt(cost));
}

/** `hashlimit` counts in 64 bits. */
export function isBucketSizeAccepted(cost: number, burst: number): boolean {
  const perMicrosecond = (unitsPerTick(64) * HZ) / BigInt(PER_SECOND.hashlimit);
  const units = (cost: bigint) => BigInt.asUintN(64, cost * perMicrosecond);
  return burst > 0 && units(BigInt(cost) * BigInt(burst)) >= units(BigInt(cost));
}

/** The largest power of two with which a day still fits. */
function unitsPerTick(bits: number): bigint {
  const most = (2n ** BigInt(bits) - 1n) / (HZ * 86400n);
  return 1n << BigInt(most.toString(2).length - 1);
}
