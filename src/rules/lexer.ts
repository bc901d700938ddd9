/** Words of a line, as iptables-restore takes them apart. */
import { isLonger, type SourceLine, type Word } from "../text/source.js";
import { ruleError } from "./rule-error.js";

/** What iptables-restore has room for. */
const LONGEST_LINE = 10239;
const LONGEST_WORD = 1023;

/**
 * Words are separated by blanks. Double quotes hold blanks together; within them a backslash takes the next character
 * as it is. A closing quote ends the word. Single quotes mean nothing.
 */
export function splitLine(line: SourceLine, from = 0): Word[] {
  const words: Word[] = [];
  const { text } = line;
  if (isLonger(text, LONGEST_LINE)) {
    throw ruleError(place(line, 0, 1), `the line has more than ${LONGEST_LINE} bytes`);
  }
  let start = -1;
  let word = "";
  let inQuotes = false;
  const end = (at: number) => {
    if (start < 0) return;
    if (isLonger(word, LONGEST_WORD)) {
      throw ruleError(place(line, start, at - start), `the word has more than ${LONGEST_WORD} bytes`);
    }
    words.push({ text: word, line, column: start + 1, width: at - start });
    start = -1;
    word = "";
  };
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string;
    if (inQuotes) {
      if (character === '"') {
        inQuotes = false;
        end(at + 1);
      } else if (character === "\\" && at + 1 < text.length) {
        word += text[++at];
      } else {
        word += character;
      }
    } else if (character === '"') {
      if (start < 0) start = at;
      inQuotes = true;
    } else if (character === " " || character === "\t") {
      end(at);
    } else {
      if (start < 0) start = at;
      word += character;
    }
  }
  if (inQuotes)
    throw ruleError(place(line, start, text.length - start), "the quote does not end", 'a closing "');
  end(text.length);
  return words;
}

function place(line: SourceLine, at: number, width: number): Word {
  return { text: line.text.slice(at, at + width), line, column: at + 1, width };
}

/** In quotes where the word would otherwise be read as something else. */
export function quotedIfBlank(text: string): string {
  return text === "" || /[\s"]/.test(text) ? quoted(text) : text;
}

/** A word as iptables-save writes it: in quotes when it has to be. */
export function quoted(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  return `"${text.replace(/["'\\]/g, "\\$&")}"`;
}
