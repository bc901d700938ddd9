import { extension } from "../extension.js";
import { option, type Reader } from "../option.js";
import { hexByte, words } from "../printers.js";
import { uint } from "../readers.js";
import { tosValue } from "../tos-values.js";
import type { Masked } from "../values.js";

/** tos = (tos & ~mask) ^ value */
export interface TosTarget {
  readonly name: "TOS";
  readonly value: number;
  readonly mask: number;
}

const byte = uint(0, 255);

/** Bits that are set or cleared. */
function change(toChange: (value: number) => Masked): Reader<Masked> {
  return (word, context) => toChange(byte(word, context));
}

const options = {
  "set-tos": option(tosValue),
  "and-tos": option(change((value) => ({ value: 0, mask: ~value & 0xff }))),
  "or-tos": option(change((value) => ({ value, mask: value }))),
  "xor-tos": option(change((value) => ({ value, mask: 0 }))),
};
const all = ["set-tos", "and-tos", "or-tos", "xor-tos"] as const;

export const tos = extension<TosTarget, typeof options>({
  name: "TOS",
  options,
  required: [all],
  exclusive: [all],
  tables: ["mangle"],

  build(given) {
    const one = all.map((name) => given[name]).find((given) => given);
    return { name: "TOS", ...(one?.value ?? { value: 0, mask: 0 }) };
  },

  print({ value, mask }) {
    return words("--set-tos", `${hexByte(value)}/${hexByte(mask)}`);
  },
});
