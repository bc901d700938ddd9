/** Words of a line, as `ipset restore` takes them apart. */
import type { SourceLine, Word } from "../text/source.js";
import { setError } from "./set-error.js";

/** Words are separated by blanks; one in double quotes may contain them. There is no escape. */
export function splitSetLine(line: SourceLine): Word[] {
  const words: Word[] = [];
  const { text } = line;
  for (const { 0: all, 1: quoted, index } of text.matchAll(/"([^"]*)"(?=\s|$)|[^\s"]+(?=\s|$)|\S+/g)) {
    const word = { text: quoted ?? all, line, column: index + 1, width: all.length };
    if (quoted === undefined && all.includes('"')) {
      throw setError(word, "a quote stands where none can be", "a word in quotes as a whole");
    }
    words.push(word);
  }
  return words;
}
