import { extension } from "../extension.js";
import { invertible, option, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { oneOf, U32_MAX, uint } from "../readers.js";
import { badArgument, ruleError } from "../rule-error.js";

export type StatisticMatch = {
  readonly name: "statistic";
  readonly invert: boolean;
} & (
  | {
      readonly mode: "random";
      /** In units of 2^-31. */
      readonly probability: number;
    }
  | {
      readonly mode: "nth";
      /** Matches one packet of this many: that with number `packet`, from 0. */
      readonly every: number;
      readonly packet: number;
    }
);

const SCALE = 2 ** 31;

const probability: Reader<number> = (word) => {
  const value = /^[0-9.]+(?:e[+-]?[0-9]+)?$/i.test(word.text) ? Number(word.text) : Number.NaN;
  if (!(value >= 0 && value <= 1)) throw badArgument(word, "a number from 0 to 1");
  return nearestEven(value * SCALE);
};

/** As C's lround rounds: halves away from zero. */
function nearestEven(value: number): number {
  return Math.floor(value + 0.5);
}

const options = {
  mode: option(oneOf("random", "nth")),
  probability: invertible(probability),
  every: invertible(uint(1, U32_MAX)),
  packet: option(uint(0, U32_MAX)),
};

export const statistic = extension<StatisticMatch, typeof options>({
  name: "statistic",
  options,
  required: [["mode"]],
  exclusive: [
    ["probability", "every"],
    ["probability", "packet"],
  ],

  build({ mode, probability, every, packet }, { word }) {
    if (mode?.value === "random") {
      if (!probability) throw ruleError(word, "mode random lacks an option", "--probability");
      return {
        name: "statistic",
        mode: "random",
        invert: probability.invert,
        probability: probability.value,
      };
    }
    if (!every || !packet)
      throw ruleError(word, "mode nth lacks an option", `--${every ? "packet" : "every"}`);
    if (packet.value >= every.value)
      throw badArgument(packet.argument, `a number from 0 to ${every.value - 1}`);
    return { name: "statistic", mode: "nth", invert: every.invert, every: every.value, packet: packet.value };
  },

  seen(match, _sight, { a }) {
    if (match.mode === "random") return `drawn ${(Number(a) / SCALE).toFixed(4)}`;
    return `packet ${(Number(a) + match.packet) % match.every} of ${match.every}`;
  },

  print(match) {
    if (match.mode === "nth") {
      return words(
        "--mode nth",
        given("--every", match, ({ every }) => every),
        `--packet ${match.packet}`,
      );
    }
    return words(
      "--mode random",
      given("--probability", match, ({ probability }) => (probability / SCALE).toFixed(11)),
    );
  },
});
