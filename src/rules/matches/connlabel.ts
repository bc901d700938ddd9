import { parseNumber } from "../../text/number.js";
import { extension } from "../extension.js";
import type { Reader } from "../option.js";
import { flag, invertible } from "../option.js";
import { given, words } from "../printers.js";
import { ruleError } from "../rule-error.js";

export interface ConnlabelMatch {
  readonly name: "connlabel";
  readonly invert: boolean;
  /** Bit number, 0 to 127. */
  readonly label: number;
  readonly set: boolean;
}

/** Names come from a file of the machine that is not part of a ruleset. */
const label: Reader<number> = (word) => {
  const bit = parseNumber(word.text, 0, 127);
  if (bit === undefined) throw ruleError(word, "labels have to be numbers", "a number from 0 to 127");
  return bit;
};

const options = { label: invertible(label), set: flag() };

export const connlabel = extension<ConnlabelMatch, typeof options>({
  name: "connlabel",
  options,
  required: [["label"]],

  build({ label, set }) {
    return {
      name: "connlabel",
      invert: label?.invert ?? false,
      label: label?.value ?? 0,
      set: set !== undefined,
    };
  },

  seen({ label, invert }, { fields: { flow } }, { matched }) {
    if (!flow) return "no connection";
    return `label ${label} is ${matched === invert ? "not set" : "set"}`;
  },

  print(match) {
    return words(
      given("--label", match, ({ label }) => `"${label}"`),
      match.set && "--set",
    );
  },
});
