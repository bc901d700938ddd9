import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, printRange, words } from "../printers.js";
import { range as readRange } from "../readers.js";
import type { Range } from "../values.js";

export interface LengthMatch {
  readonly name: "length";
  readonly invert: boolean;
  /** Bytes from the IP header on. */
  readonly range: Range;
}

const options = { length: invertible(readRange(65535)) };

export const length = extension<LengthMatch, typeof options>({
  name: "length",
  options,
  required: [["length"]],

  build({ length }) {
    return {
      name: "length",
      invert: length?.invert ?? false,
      range: length?.value ?? { min: 0, max: 65535 },
    };
  },

  seen(_, { fields: { length } }) {
    return `${length} bytes`;
  },

  print(match) {
    return words(given("--length", match, ({ range }) => printRange(range)));
  },
});
