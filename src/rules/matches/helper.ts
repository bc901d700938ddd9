import { extension } from "../extension.js";
import { quoted } from "../lexer.js";
import { invertible } from "../option.js";
import { given, words } from "../printers.js";
import { text } from "../readers.js";

export interface HelperMatch {
  readonly name: "helper";
  readonly invert: boolean;
  /** Empty: any helper. */
  readonly helper: string;
}

const options = { helper: invertible(text(0, 29)) };

export const helper = extension<HelperMatch, typeof options>({
  name: "helper",
  options,
  required: [["helper"]],

  build({ helper }) {
    return { name: "helper", invert: helper?.invert ?? false, helper: helper?.value ?? "" };
  },

  print(match) {
    return words(given("--helper", match, ({ helper }) => quoted(helper)));
  },
});
