import { hex } from "../../text/number.js";
import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, printMark, words } from "../printers.js";
import { markMask, U32_MAX } from "../readers.js";
import type { Masked } from "../values.js";

export interface ConnmarkMatch {
  readonly name: "connmark";
  readonly invert: boolean;
  readonly mark: Masked;
}

const options = { mark: invertible(markMask) };

export const connmark = extension<ConnmarkMatch, typeof options>({
  name: "connmark",
  options,
  required: [["mark"]],

  build({ mark }) {
    return {
      name: "connmark",
      invert: mark?.invert ?? false,
      mark: mark?.value ?? { value: 0, mask: U32_MAX },
    };
  },

  seen(_, { fields: { flow } }) {
    return flow ? `connection mark ${hex(flow.mark)}` : "no connection";
  },

  print(match) {
    return words(given("--mark", match, ({ mark }) => printMark(mark)));
  },
});
