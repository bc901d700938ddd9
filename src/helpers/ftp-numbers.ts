/** Addresses and ports as FTP commands and replies spell them. */
import { isDigit } from "./text.js";

const COLON = 58;
const DOT = 46;

/** Address as bytes, and where its terminator is. */
export interface AddressRead {
  readonly bytes: readonly number[];
  readonly end: number;
}

/**
 * `count` numbers (any size, modulo 2^32; nothing counts as 0) and, behind the last, the terminator; undefined as
 * terminator: anything. `end`: where it is.
 */
export function readNumbers(
  payload: Uint8Array,
  at: number,
  { count, separator, terminator }: { count: number; separator: number; terminator: number | undefined },
): { numbers: number[]; end: number } | undefined {
  const numbers = [0];
  for (let end = at; end < payload.length; end++) {
    const byte = payload[end];
    const last = numbers.length - 1;
    if (isDigit(byte)) {
      numbers[last] = (Math.imul(numbers[last] ?? 0, 10) + byte - 48) >>> 0;
    } else if (byte === separator) {
      if (numbers.push(0) > count) return undefined;
    } else {
      const ends = numbers.length === count && (terminator === undefined || byte === terminator);
      return ends ? { numbers, end } : undefined;
    }
  }
  return undefined;
}

/** Digits up to the delimiter, modulo 2^16; not 0. `end`: behind the delimiter. */
export function readPort(
  payload: Uint8Array,
  at: number,
  delimiter: number,
): { port: number; end: number } | undefined {
  let port = 0;
  for (let i = at; i < payload.length; i++) {
    const byte = payload[i];
    if (byte === delimiter) return port ? { port, end: i + 1 } : undefined;
    if (!isDigit(byte)) return undefined;
    port = (port * 10 + byte - 48) & 0xffff;
  }
  return undefined;
}

export function readAddress4(payload: Uint8Array, at: number, delimiter: number): AddressRead | undefined {
  const read = readNumbers(payload, at, { count: 4, separator: DOT, terminator: delimiter });
  if (!read) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = read.numbers;
  const address = (a << 24) | (b << 16) | (c << 8) | d;
  return { bytes: [24, 16, 8, 0].map((shift) => (address >>> shift) & 255), end: read.end };
}

function hexDigit(byte: number | undefined): number {
  if (isDigit(byte)) return byte - 48;
  const lower = (byte ?? 0) | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Four numbers up to 255, with dots between them, that fill everything before `end`. */
function readDotted(payload: Uint8Array, at: number, end: number): number[] | undefined {
  const bytes: number[] = [];
  for (let i = at; ; i++) {
    let value = 0;
    const first = i;
    for (; i < end; i++) {
      const byte = payload[i];
      if (!isDigit(byte)) break;
      value = value * 10 + byte - 48;
      if (value > 255) return undefined;
    }
    if (i === first || bytes.push(value) > 4) return undefined;
    if (i === end) return bytes.length === 4 ? bytes : undefined;
    if (payload[i] !== DOT) return undefined;
  }
}

/** RFC 4291, 2.2: eight groups, one run of which may be `::`; the last two may be written as an IPv4 address. */
export function readAddress6(payload: Uint8Array, at: number, delimiter: number): AddressRead | undefined {
  const end = payload.indexOf(delimiter, at);
  if (end < 0) return undefined;
  const bytes: number[] = [];
  /** Where `::` stood. */
  let gap = -1;
  let i = at;
  if (payload[i] === COLON) {
    if (payload[i + 1] !== COLON) return undefined;
    gap = 0;
    i += 2;
  }
  while (i < end) {
    if (bytes.length > 14) return undefined;
    let group = 0;
    const first = i;
    for (; i < end; i++) {
      const digit = hexDigit(payload[i]);
      if (digit < 0) break;
      group = group * 16 + digit;
      if (group > 0xffff) return undefined;
    }
    if (i === first) return undefined;
    if (i < end && payload[i] === DOT) {
      const tail = readDotted(payload, first, end);
      if (!tail || bytes.length > 12) return undefined;
      bytes.push(...tail);
      break;
    }
    bytes.push(group >>> 8, group & 255);
    if (i === end) break;
    if (payload[i] !== COLON) return undefined;
    i++;
    if (payload[i] === COLON) {
      if (gap >= 0) return undefined;
      gap = bytes.length;
      i++;
    } else if (i === end) {
      return undefined;
    }
  }
  if (gap >= 0) {
    if (bytes.length > 14) return undefined;
    bytes.splice(gap, 0, ...Array<number>(16 - bytes.length).fill(0));
  }
  return bytes.length === 16 ? { bytes, end } : undefined;
}
