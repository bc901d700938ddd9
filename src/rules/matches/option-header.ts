import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { type GivenOption, invertible, type Options, option, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { U32_MAX, uint } from "../readers.js";
import { ruleError } from "../rule-error.js";
import { list, type Sight } from "../sight.js";
import type { Inverted } from "../values.js";

/** IPv6: the hop-by-hop (`hbh`) and destination (`dst`) options headers. */
export interface OptionHeaderMatch {
  readonly name: "hbh" | "dst";
  /** Of the header, in bytes. */
  readonly length?: Inverted<{ readonly bytes: number }>;
  /** These options, in this order. `length` is that of an option's data; undefined: any. */
  readonly options: readonly { readonly type: number; readonly length?: number }[];
}

const MOST_OPTIONS = 16;

type OptionList = OptionHeaderMatch["options"];

const types: Reader<OptionList> = (word, context) => {
  const parts = splitWord(word, ",");
  if (parts.length > MOST_OPTIONS) throw ruleError(word, `there is room for ${MOST_OPTIONS} options`);
  const byte = uint(0, 255);
  return parts.map((part) => {
    const [type = part, length, more] = splitWord(part, ":");
    if (more) throw ruleError(more, "an option has a type and a length");
    return { type: byte(type, context), ...(length && { length: byte(length, context) }) };
  });
};

function define<const Name extends "hbh" | "dst">(name: Name) {
  const [lengthName, typesName] = [`${name}-len`, `${name}-opts`];
  const length = invertible(uint(0, U32_MAX));
  const options = { [lengthName]: length, [typesName]: option(types) };
  return extension<OptionHeaderMatch, Options>({
    name,
    family: "ipv6",
    options,

    build(given) {
      const bytes = given[lengthName] as GivenOption<number> | undefined;
      const list = given[typesName] as GivenOption<OptionList> | undefined;
      return {
        name,
        ...(bytes && { length: { bytes: bytes.value, invert: bytes.invert } }),
        options: list?.value ?? [],
      };
    },

    seen({ length }, sight, { a }) {
      const at = Number(a);
      if (at === 0) return `no ${name === "hbh" ? "hop-by-hop" : "destination"} options`;
      const bytes = ((sight.u8(at + 1) ?? 0) + 1) * 8;
      return list(length && `length ${bytes}`, seenOptions(sight, at + 2, at + bytes));
    },

    print({ length, options }) {
      const list = options.map(({ type, length }) =>
        length === undefined ? `${type}` : `${type}:${length}`,
      );
      return words(
        given(`--${lengthName}`, length, ({ bytes }) => bytes),
        list.length > 0 && `--${typesName} ${list.join(",")}`,
      );
    },
  });
}

export const hbh = define("hbh");
export const dst = define("dst");

/** "options 5:2,1:0": type and length of each. */
function seenOptions(sight: Sight, from: number, end: number): string {
  const found: string[] = [];
  for (let at = from; at < end; ) {
    const [type, length] = [sight.u8(at), sight.u8(at + 1)];
    if (type === undefined) break;
    found.push(type === 0 ? "0" : `${type}:${length ?? "cut off"}`);
    at += type === 0 ? 1 : 2 + (length ?? 0);
  }
  return found.length > 0 ? `options ${found.join(",")}` : "no options";
}
