/** Text that people write line by line: where a word stands, and errors that show the place. */
import { ConntrackError } from "../errors.js";

export interface SourceLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** A word as it is meant (without quotes), and where it stands. */
export interface Word {
  readonly text: string;
  readonly line: SourceLine;
  /** From 1. */
  readonly column: number;
  /** How many characters of the line it takes. */
  readonly width: number;
}

export type SourceErrorCode = "CT_BAD_RULE" | "CT_BAD_SET";

/** Text that cannot be what it should be. The message shows the line and marks the place. */
export class SourceError extends ConntrackError {
  declare readonly code: SourceErrorCode;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** What is wrong, without place and line. */
  readonly problem: string;
  /** What may stand there instead. */
  readonly expected: string | undefined;

  constructor(code: SourceErrorCode, place: Word, problem: string, expected?: string) {
    const what = expected === undefined ? problem : `${problem}; expected ${expected}`;
    super(code, `line ${place.line.number}, column ${place.column}: ${what}\n${mark(place)}`);
    this.name = "SourceError";
    this.line = place.line.number;
    this.column = place.column;
    this.problem = problem;
    this.expected = expected;
  }
}

/** How much of a long line is shown in front of the place, and in all. */
const BEFORE = 60;
const SHOWN = 120;

function mark({ line, column, width }: Word): string {
  const from = Math.max(0, column - 1 - BEFORE);
  const shown = line.text.slice(from, from + SHOWN);
  const offset = column - 1 - from;
  const dots = from > 0 ? "..." : "";
  const lead = shown.slice(0, offset).replace(/[^\t]/g, " ");
  const tail = "~".repeat(Math.max(0, Math.min(width, SHOWN - offset) - 1));
  return `${dots}${shown}${from + SHOWN < line.text.length ? "..." : ""}\n${" ".repeat(dots.length)}${lead}^${tail}`;
}

export function sourceLines(text: string): SourceLine[] {
  return text.split("\n").map((line, i) => ({ number: i + 1, text: line }));
}

/** The whole line as a place. */
export function wholeLine(line: SourceLine): Word {
  return { text: line.text, line, column: 1, width: line.text.length };
}

/** Behind the last character of a line. */
export function endOfLine(line: SourceLine): Word {
  return { text: "", line, column: line.text.length + 1, width: 1 };
}

/** A part of a word; exact as long as the word is written without quotes and escapes. */
export function partOf(word: Word, from: number, to: number = word.text.length): Word {
  const text = word.text.slice(from, to);
  if (word.width !== word.text.length) return { ...word, text };
  return { text, line: word.line, column: word.column + from, width: Math.max(1, text.length) };
}

/** The parts between separators, each with its place. */
export function splitWord(word: Word, separator: string): Word[] {
  let from = 0;
  return word.text.split(separator).map((part) => {
    const here = partOf(word, from, from + part.length);
    from += part.length + separator.length;
    return here;
  });
}

const encoder = new TextEncoder();

/** The bytes of a text as the kernel has them (UTF-8). */
export function utf8(text: string): number[] {
  return [...encoder.encode(text)];
}

/** Whether it has more bytes than that. */
export function isLonger(text: string, bytes: number): boolean {
  // A character of a string has at most three bytes.
  return text.length > bytes || (text.length * 3 > bytes && encoder.encode(text).length > bytes);
}
