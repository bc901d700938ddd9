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

  seen(_, { fields: { flow } }, { a, b }) {
    if (!flow) return "no connection";
    const name = [a, b].map(letters).join("");
    return name === "" ? "connection that no helper has announced" : `announced by ${name}`;
  },

  print(match) {
    return words(given("--helper", match, ({ helper }) => quoted(helper)));
  },
});

/** Up to eight of them, the first in the lowest byte. */
function letters(word: bigint): string {
  const bytes = Array.from({ length: 8 }, (_, i) => Number((word >> BigInt(8 * i)) & 255n));
  return String.fromCharCode(...bytes.filter((byte) => byte > 0));
}
