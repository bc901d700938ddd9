import { extension } from "../extension.js";
import { invertible, type Reader } from "../option.js";
import { given, hexByte, words } from "../printers.js";
import { uint } from "../readers.js";
import { badArgument } from "../rule-error.js";

export interface DscpMatch {
  readonly name: "dscp";
  readonly invert: boolean;
  /** 0 to 63. */
  readonly dscp: number;
}

/** "BE", "EF", "CS0" to "CS7", "AF11" to "AF43", in any case. */
export const dscpClass: Reader<number> = (word) => {
  const [, selector, klass, precedence] = /^(?:CS([0-7])|AF([1-4])([1-3]))$/i.exec(word.text) ?? [];
  if (selector !== undefined) return Number(selector) * 8;
  if (klass !== undefined) return Number(klass) * 8 + Number(precedence) * 2;
  if (/^EF$/i.test(word.text)) return 46;
  if (/^BE$/i.test(word.text)) return 0;
  throw badArgument(word, "BE, EF, CS0 to CS7 or AF11 to AF43");
};

const options = { dscp: invertible(uint(0, 63)), "dscp-class": invertible(dscpClass) };

export const dscp = extension<DscpMatch, typeof options>({
  name: "dscp",
  options,
  required: [["dscp", "dscp-class"]],
  exclusive: [["dscp", "dscp-class"]],

  build(given) {
    const one = given.dscp ?? given["dscp-class"];
    return { name: "dscp", invert: one?.invert ?? false, dscp: one?.value ?? 0 };
  },

  seen(_, { tos }) {
    return `DSCP ${hexByte(tos >> 2)}`;
  },

  print(match) {
    return words(given("--dscp", match, ({ dscp }) => hexByte(dscp)));
  },
});
