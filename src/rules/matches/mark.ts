import { hex } from "../../text/number.js";
import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, printMark, words } from "../printers.js";
import { markMask, U32_MAX } from "../readers.js";
import type { Masked } from "../values.js";

export interface MarkMatch {
  readonly name: "mark";
  readonly invert: boolean;
  readonly mark: Masked;
}

const options = { mark: invertible(markMask) };

export const mark = extension<MarkMatch, typeof options>({
  name: "mark",
  options,
  required: [["mark"]],

  build({ mark }) {
    return {
      name: "mark",
      invert: mark?.invert ?? false,
      mark: mark?.value ?? { value: 0, mask: U32_MAX },
    };
  },

  seen(_, { fields: { mark } }) {
    return `mark ${hex(mark)}`;
  },

  print(match) {
    return words(given("--mark", match, ({ mark }) => printMark(mark)));
  },
});
