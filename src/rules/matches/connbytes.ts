import { extension } from "../extension.js";
import type { Reader } from "../option.js";
import { invertible, option } from "../option.js";
import { given, printRange, words } from "../printers.js";
import { ascending, bigRange, oneOf } from "../readers.js";
import type { BigRange } from "../values.js";

export interface ConnbytesMatch {
  readonly name: "connbytes";
  readonly invert: boolean;
  readonly range: BigRange;
  readonly direction: "original" | "reply" | "both";
  readonly mode: "packets" | "bytes" | "avgpkt";
}

const ENDLESS = 2n ** 64n - 1n;

const options = {
  connbytes: invertible(ascending(openRange)),
  "connbytes-dir": option(oneOf("original", "reply", "both")),
  "connbytes-mode": option(oneOf("packets", "bytes", "avgpkt")),
};

/** One number is where the range begins. */
function openRange(...[word, context]: Parameters<Reader<BigRange>>): BigRange {
  const read = bigRange()(word, context);
  return word.text.includes(":") ? read : { min: read.min, max: ENDLESS };
}

export const connbytes = extension<ConnbytesMatch, typeof options>({
  name: "connbytes",
  options,
  required: [["connbytes"], ["connbytes-dir"], ["connbytes-mode"]],

  build(given) {
    return {
      name: "connbytes",
      invert: given.connbytes?.invert ?? false,
      range: given.connbytes?.value ?? { min: 0n, max: ENDLESS },
      direction: given["connbytes-dir"]?.value ?? "both",
      mode: given["connbytes-mode"]?.value ?? "bytes",
    };
  },

  seen({ mode }, sight, { a, b }) {
    if (a === 0n) return sight.fields.flow ? "connection without counters" : "no connection";
    return mode === "avgpkt" ? `${b} bytes a packet` : `${b} ${mode}`;
  },

  print(match) {
    const { range, mode, direction } = match;
    const shown = range.max === ENDLESS ? { min: range.min, max: range.min } : range;
    return words(
      given("--connbytes", match, () => printRange(shown)),
      `--connbytes-mode ${mode}`,
      `--connbytes-dir ${direction}`,
    );
  },
});
