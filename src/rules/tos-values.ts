/** The TOS byte as the match and the target write it. */
import { parseNumber } from "../text/number.js";
import { splitWord } from "../text/source.js";
import type { Reader } from "./option.js";
import { badArgument } from "./rule-error.js";
import type { Masked } from "./values.js";

/** RFC 1349; these leave the two bits of ECN alone. */
const NAMES = [
  ["minimize-delay", 0x10],
  ["maximize-throughput", 0x08],
  ["maximize-reliability", 0x04],
  ["minimize-cost", 0x02],
  ["normal-service", 0x00],
] as const;
const NAMES_MASK = 0x3f;

/** VALUE, VALUE/MASK or a name. */
export const tosValue: Reader<Masked> = (word) => {
  const found = NAMES.find(([name]) => name === word.text.toLowerCase());
  if (found) return { value: found[1], mask: NAMES_MASK };
  const parts = splitWord(word, "/");
  const [value, mask = 0xff] = parts.map((part) => parseNumber(part.text, 0, 255) ?? Number.NaN);
  if (value === undefined || Number.isNaN(value) || Number.isNaN(mask) || parts.length > 2) {
    throw badArgument(
      word,
      "a number from 0 to 255, two joined by a slash, or a name such as Minimize-Delay",
    );
  }
  return { value, mask };
};
