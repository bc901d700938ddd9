/** How the set match and the SET target name a set: with what of a packet is looked up in it. */
import { isLonger, splitWord, type Word } from "../text/source.js";
import type { ReadContext } from "./option.js";
import { badArgument, named, ruleError } from "./rule-error.js";

/** Source or destination: of an address, a port or an interface, as the set's type has it. */
export type SetDimension = "src" | "dst";

export interface SetUse {
  readonly set: string;
  /** One for each part of the set's elements. */
  readonly dimensions: readonly SetDimension[];
}

const MOST_DIMENSIONS = 6;
const LONGEST_NAME = 31;

/** Reads SET DIMENSION,... */
export function readSetUse(name: Word, { second }: ReadContext): SetUse {
  if (name.text === "" || isLonger(name.text, LONGEST_NAME)) {
    throw ruleError(name, `${named(name.text)} is no name of a set`, `1 to ${LONGEST_NAME} bytes`);
  }
  const list = splitWord(second("a list of src and dst"), ",");
  const dimensions = list.map((part, i) => {
    if (i >= MOST_DIMENSIONS) throw ruleError(part, `a set has at most ${MOST_DIMENSIONS} dimensions`);
    if (part.text !== "src" && part.text !== "dst") throw badArgument(part, "src or dst");
    return part.text;
  });
  return { set: name.text, dimensions };
}

export function printSetUse({ set, dimensions }: SetUse): string {
  return `${set} ${dimensions.join(",")}`;
}
