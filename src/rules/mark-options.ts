/** The ways in which MARK and CONNMARK say how a mark changes: mark = (mark & ~mask) ^ value. */
import { hex } from "../text/number.js";
import { type Given, option, type Reader } from "./option.js";
import { markMask, U32_MAX, uint } from "./readers.js";
import type { Masked } from "./values.js";

const bits = uint(0, U32_MAX);

/** Bits that are set or cleared. */
function change(toChange: (value: number) => Masked): Reader<Masked> {
  return (word, context) => toChange(bits(word, context));
}

export const markOptions = {
  "set-xmark": option(markMask),
  "set-mark": option((word, context) => {
    const { value, mask } = markMask(word, context);
    return { value, mask: (mask | value) >>> 0 };
  }),
  "and-mark": option(change((value) => ({ value: 0, mask: ~value >>> 0 }))),
  "or-mark": option(change((value) => ({ value, mask: value }))),
  "xor-mark": option(change((value) => ({ value, mask: 0 }))),
};

export const MARK_CHANGES = ["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"] as const;

export function givenChange(given: Given<typeof markOptions>): Masked | undefined {
  return MARK_CHANGES.map((name) => given[name]).find((one) => one)?.value;
}

export function printChange({ value, mask }: Masked): string {
  return `--set-xmark ${hex(value)}/${hex(mask)}`;
}
