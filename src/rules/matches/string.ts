import { utf8 } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, option, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { oneOf, uint } from "../readers.js";
import { badArgument, ruleError } from "../rule-error.js";

export interface StringMatch {
  readonly name: "string";
  readonly invert: boolean;
  readonly algorithm: "bm" | "kmp";
  /** 1 to 128 bytes. */
  readonly pattern: readonly number[];
  /** Offsets from the IP header on between which the pattern may begin. */
  readonly from: number;
  readonly to: number;
  readonly ignoreCase: boolean;
}

const LONGEST = 128;
const LAST_OFFSET = 65535;

const plain: Reader<readonly number[]> = (word) => {
  const bytes = utf8(word.text);
  if (bytes.length === 0 || bytes.length > LONGEST) throw badArgument(word, `text of 1 to ${LONGEST} bytes`);
  return bytes;
};

/** Text with hexadecimal bytes between bars: "GET |0d 0a|"; a backslash takes the next character as it is. */
const hexadecimal: Reader<readonly number[]> = (word) => {
  const bytes: number[] = [];
  const parts = /\|((?:\s*[0-9a-f]{2})+\s*)\||\\(.)|([^|\\])/gisuy;
  let read = 0;
  for (const [all, block, escaped, character] of word.text.matchAll(parts)) {
    if (block !== undefined)
      bytes.push(...(block.match(/[0-9a-f]{2}/gi) ?? []).map((byte) => Number.parseInt(byte, 16)));
    else bytes.push(...utf8(escaped ?? character ?? ""));
    read += all.length;
  }
  // A bar at the very end opens nothing.
  if (read < word.text.length && word.text.slice(read) !== "|") {
    throw badArgument(word, "text with pairs of hexadecimal digits between bars, as in |0d 0a|");
  }
  if (bytes.length === 0 || bytes.length > LONGEST) throw badArgument(word, `1 to ${LONGEST} bytes`);
  return bytes;
};

const options = {
  algo: option(oneOf("bm", "kmp")),
  string: option(plain, { invertible: true }),
  "hex-string": option(hexadecimal, { invertible: true }),
  from: option(uint(0, LAST_OFFSET)),
  to: option(uint(0, LAST_OFFSET)),
  icase: flag(),
};

export const string = extension<StringMatch, typeof options>({
  name: "string",
  options,
  required: [["algo"], ["string", "hex-string"]],
  exclusive: [["string", "hex-string"]],

  build(given) {
    const pattern = given.string ?? given["hex-string"];
    const from = given.from?.value ?? 0;
    const to = given.to?.value ?? LAST_OFFSET;
    if (from > to && given.to) throw ruleError(given.to.argument, "the search ends before it begins");
    return {
      name: "string",
      invert: pattern?.invert ?? false,
      algorithm: given.algo?.value ?? "bm",
      pattern: pattern?.value ?? [],
      from,
      to,
      ignoreCase: given.icase !== undefined,
    };
  },

  seen({ invert }, _sight, { matched }) {
    return matched === invert ? "not found" : "found";
  },

  print(match) {
    const { pattern, algorithm, from, to, ignoreCase } = match;
    const isText = pattern.every((byte) => byte >= 0x20 && byte < 0x7f) && pattern.at(-1) !== BACKSLASH;
    return words(
      isText
        ? given("--string", match, () => `"${String.fromCharCode(...pattern).replace(/["\\]/g, "\\$&")}"`)
        : given(
            "--hex-string",
            match,
            () => `"|${pattern.map((byte) => byte.toString(16).padStart(2, "0")).join("")}|"`,
          ),
      `--algo ${algorithm}`,
      from > 0 && `--from ${from}`,
      to < LAST_OFFSET && `--to ${to}`,
      ignoreCase && "--icase",
    );
  },
});

const BACKSLASH = 0x5c;
