import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, hexByte, words } from "../printers.js";
import { tosValue } from "../tos-values.js";
import type { Masked } from "../values.js";

export interface TosMatch {
  readonly name: "tos";
  readonly invert: boolean;
  readonly tos: Masked;
}

const options = { tos: invertible(tosValue) };

export const tos = extension<TosMatch, typeof options>({
  name: "tos",
  options,
  required: [["tos"]],

  build({ tos }) {
    return { name: "tos", invert: tos?.invert ?? false, tos: tos?.value ?? { value: 0, mask: 0xff } };
  },

  seen(_, { tos }) {
    return `TOS ${hexByte(tos)}`;
  },

  print(match) {
    return words(given("--tos", match, ({ tos }) => `${hexByte(tos.value)}/${hexByte(tos.mask)}`));
  },
});
