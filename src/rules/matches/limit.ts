import { extension } from "../extension.js";
import { option } from "../option.js";
import { words } from "../printers.js";
import { formatRate, isLimitAccepted, PER_SECOND, parseRate } from "../rate.js";
import { uint } from "../readers.js";
import { ratio } from "../sight.js";

export interface LimitMatch {
  readonly name: "limit";
  /** The time a packet costs, in units of 100 microseconds. */
  readonly cost: number;
  /** Packets at once. */
  readonly burst: number;
}

const BURST = 5;
/** 3/hour */
const COST = 1200 * PER_SECOND.limit;

const options = {
  limit: option((word) => parseRate(word, PER_SECOND.limit).cost),
  "limit-burst": option(uint(0, 10_000)),
};

export const limit = extension<LimitMatch, typeof options>({
  name: "limit",
  options,

  build(given) {
    return { name: "limit", cost: given.limit?.value ?? COST, burst: given["limit-burst"]?.value ?? BURST };
  },

  refusal({ cost, burst }) {
    return isLimitAccepted(cost, burst) ? undefined : "the burst is too large for this rate, or 0";
  },

  seen(_, _sight, { a, b }) {
    return `credit for ${ratio(a, b)} packets`;
  },

  print({ cost, burst }) {
    return words(
      `--limit ${formatRate(cost, PER_SECOND.limit).text}`,
      burst !== BURST && `--limit-burst ${burst}`,
    );
  },
});
