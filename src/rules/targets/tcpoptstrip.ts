import { Protocol } from "../../../assembly/shared/protocol.js";
import { parseNumber } from "../../text/number.js";
import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { badArgument } from "../rule-error.js";

export interface TcpoptstripTarget {
  readonly name: "TCPOPTSTRIP";
  /** Kinds of TCP options. */
  readonly kinds: readonly number[];
}

const NAMES: ReadonlyMap<string, number> = new Map([
  ["mss", 2],
  ["wscale", 3],
  ["sack-permitted", 4],
  ["sack", 5],
  ["timestamp", 8],
  ["md5", 19],
]);

const kinds: Reader<number[]> = (word) => {
  const given = splitWord(word, ",").map((part) => {
    // 0 and 1 are padding.
    const kind = NAMES.get(part.text) ?? parseNumber(part.text, 2, 255);
    if (kind === undefined)
      throw badArgument(part, `a list of numbers from 2 to 255 or ${[...NAMES.keys()].join(", ")}`);
    return kind;
  });
  return [...new Set(given)].sort((a, b) => a - b);
};

const options = { "strip-options": option(kinds) };

export const tcpoptstrip = extension<TcpoptstripTarget, typeof options>({
  name: "TCPOPTSTRIP",
  options,
  tables: ["mangle"],
  protocols: [Protocol.TCP],

  build(given) {
    return { name: "TCPOPTSTRIP", kinds: given["strip-options"]?.value ?? [] };
  },

  print({ kinds }) {
    return words(kinds.length > 0 && `--strip-options ${kinds.join(",")}`);
  },
});
