/** Reading of protocols made of text, byte by byte: what helpers see is hostile, so nothing here looks past `end`. */

export const CR = 13;
export const NEWLINE = 10;
export const SPACE = 32;

/** `text` as the bytes that startsWith() and indexOf() look for. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function lowerCase(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** Whether `prefix` stands at `at`, all of it before `end`. */
export function startsWith(bytes: Uint8Array, prefix: Uint8Array, at: number, end: number): boolean {
  if (end - at < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

/** How many bytes from `at` on are those of `prefix`, in either case: all, if its length is returned. */
export function commonLength(bytes: Uint8Array, prefix: Uint8Array, at: number, end: number): number {
  const most = Math.min(prefix.length, end - at);
  let i = 0;
  while (i < most && lowerCase(bytes[at + i] ?? 0) === lowerCase(prefix[i] ?? 0)) i++;
  return i;
}

/** Where `word` first stands at or after `at`, all of it before `end`; -1 if nowhere. */
export function indexOf(bytes: Uint8Array, word: Uint8Array, at: number, end: number): number {
  const first = word[0] ?? 0;
  for (let from = at; from <= end - word.length; from++) {
    from = bytes.indexOf(first, from);
    if (from < 0 || from > end - word.length) return -1;
    if (startsWith(bytes, word, from, end)) return from;
  }
  return -1;
}

/** Digits from `at` on, as a number modulo 2^32 (0 if there are none), and where they end. */
export function readDecimal(bytes: Uint8Array, at: number, end: number): { value: number; next: number } {
  let value = 0;
  let next = at;
  for (; next < end; next++) {
    const byte = bytes[next];
    if (!isDigit(byte)) break;
    value = (Math.imul(value, 10) + byte - 48) >>> 0;
  }
  return { value, next };
}
