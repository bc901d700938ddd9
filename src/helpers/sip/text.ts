/** Reads SIP's text from bytes (RFC 3261, section 7): lines, folded header fields, numbers. */

import { ascii, CR, commonLength, isDigit, NEWLINE, SPACE, startsWith } from "../text.js";

const TAB = 9;
const COLON = 58;

/** Nothing there: what functions that return a position return instead. */
export const NOWHERE = -1;

/** Longer numbers are none, however many of their digits are leading zeros. */
const MAX_DIGITS = 11;
const MAX_NUMBER = 0xffffffff;

/** A message as it is read, and rewritten where its flow is translated. */
export interface Message {
  bytes: Uint8Array;
}

/** Puts `text`, which is ASCII, into the place of what stands from `start` to `end`. */
export function rewrite(message: Message, start: number, end: number, text: string): void {
  const { bytes } = message;
  const rewritten = new Uint8Array(bytes.length - (end - start) + text.length);
  rewritten.set(bytes.subarray(0, start));
  rewritten.set(ascii(text), start);
  rewritten.set(bytes.subarray(end), start + text.length);
  message.bytes = rewritten;
}

/** A header field's names. */
export interface FieldName {
  readonly full: Uint8Array;
  readonly compact?: Uint8Array;
}

export const CONTENT_LENGTH: FieldName = { full: ascii("Content-Length"), compact: ascii("l") };

/** Linux counts those of Latin-1 in, whose upper half has signs at 0xd7 and 0xf7. */
export function isLetter(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (lower >= 97 && lower <= 122) || (byte >= 0xc0 && lower !== 0xf7);
}

export function isBreak(byte: number | undefined): boolean {
  return byte === CR || byte === NEWLINE;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** Whether `word` stands at `at`, in either case. */
export function standsAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  return commonLength(bytes, word, at, bytes.length) === word.length;
}

/** Whether exactly `word` stands at `at`. */
export function standsExactlyAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  return startsWith(bytes, word, at, bytes.length);
}

/** Where the digits that stand at `at` end. */
export function endOfDigits(bytes: Uint8Array, at: number): number {
  let end = at;
  while (isDigit(bytes[end])) end++;
  return end;
}

/** The decimal number at `at`; undefined when there is none or it does not fit 32 bits. */
export function numberAt(bytes: Uint8Array, at: number, maxDigits = MAX_DIGITS): number | undefined {
  let value = 0;
  let i = at;
  for (; isDigit(bytes[i]); i++) {
    if (i - at >= maxDigits) return undefined;
    value = value * 10 + ((bytes[i] ?? 0) - 48);
  }
  return i === at || value > MAX_NUMBER ? undefined : value;
}

/** Behind the line break at `at`; NOWHERE when it ends the text. */
function behindBreak(bytes: Uint8Array, at: number, end: number): number {
  let next = at + 1;
  if (next < end && bytes[at] === CR && bytes[next] === NEWLINE) next++;
  return next < end ? next : NOWHERE;
}

/** Where the first line begins whose preceding line break is at `from` or later. */
export function nextLine(bytes: Uint8Array, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    if (isBreak(bytes[i])) return behindBreak(bytes, i, bytes.length);
  }
  return NOWHERE;
}

/** The first character, on the next line, of a header field that is folded at the line break `at`. */
function unfold(bytes: Uint8Array, at: number, end: number): number {
  let next = behindBreak(bytes, at, end);
  if (next === NOWHERE || !isBlank(bytes[next])) return NOWHERE;
  while (next < end && isBlank(bytes[next])) next++;
  return next;
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) at++;
  return isBreak(bytes[at]) ? unfold(bytes, at, bytes.length) : at;
}

/** Where the value begins of the first such header field in a line that begins behind `from`. */
export function fieldValue(bytes: Uint8Array, from: number, name: FieldName): number {
  for (let line = nextLine(bytes, from); line !== NOWHERE; line = nextLine(bytes, line + 1)) {
    const nameEnd = isBlank(bytes[line]) ? NOWHERE : endOfName(bytes, line, name);
    if (nameEnd === NOWHERE) continue;
    // Linux looks no further when something else than the colon follows ("Contact-Id:" hides "Contact:").
    const colon = skipBlanks(bytes, nameEnd);
    if (colon === NOWHERE || bytes[colon] !== COLON) return NOWHERE;
    const value = skipBlanks(bytes, colon + 1);
    return value < bytes.length ? value : NOWHERE;
  }
  return NOWHERE;
}

function endOfName(bytes: Uint8Array, line: number, { full, compact }: FieldName): number {
  if (standsAt(bytes, line, full)) return line + full.length;
  if (compact === undefined || !standsAt(bytes, line, compact)) return NOWHERE;
  return isLetter(bytes[line + compact.length]) ? NOWHERE : line + compact.length;
}

/** Where `word`, in either case, stands in the rest of the header field; something has to follow it before `end`. */
export function findInField(bytes: Uint8Array, from: number, word: Uint8Array, end = bytes.length): number {
  const last = end - word.length;
  for (let i = from; i < last; i++) {
    if (isBreak(bytes[i])) {
      i = unfold(bytes, i, last);
      if (i === NOWHERE) return NOWHERE;
      // As in Linux, what begins a folded line is not found.
    } else if (standsAt(bytes, i, word)) {
      return i;
    }
  }
  return NOWHERE;
}
