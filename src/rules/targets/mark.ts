import { extension } from "../extension.js";
import { givenChange, MARK_CHANGES, markOptions, printChange } from "../mark-options.js";

/** mark = (mark & ~mask) ^ value */
export interface MarkTarget {
  readonly name: "MARK";
  readonly value: number;
  readonly mask: number;
}

export const mark = extension<MarkTarget, typeof markOptions>({
  name: "MARK",
  options: markOptions,
  required: [MARK_CHANGES],
  exclusive: [MARK_CHANGES],

  build(given) {
    return { name: "MARK", ...(givenChange(given) ?? { value: 0, mask: 0 }) };
  },

  print(change) {
    return printChange(change);
  },
});
