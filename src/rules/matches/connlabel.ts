import { labelOf } from "../../text/connlabels.js";
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
  /** What connlabel.conf calls it. */
  readonly labelName?: string | undefined;
  readonly set: boolean;
}

/** Names come from a file of the machine that is not part of a ruleset. */
const label: Reader<{ readonly bit: number; readonly name: string | undefined }> = (word, { connlabels }) => {
  const bit = labelOf(word.text, connlabels);
  if (bit === undefined) {
    const expected = "a number from 0 to 127, or a name of connlabel.conf";
    throw ruleError(word, "there is no such label", expected);
  }
  return { bit, name: connlabels.get(bit) };
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
      label: label?.value.bit ?? 0,
      labelName: label?.value.name,
      set: set !== undefined,
    };
  },

  seen({ label, labelName = label, invert }, { fields: { flow } }, { matched }) {
    if (!flow) return "no connection";
    return `label ${labelName} is ${matched === invert ? "not set" : "set"}`;
  },

  print(match) {
    return words(
      given("--label", match, ({ label, labelName = label }) => `"${labelName}"`),
      match.set && "--set",
    );
  },
});
