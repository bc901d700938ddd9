/** Numbers as C's strtoull reads them: decimal, hexadecimal with 0x, octal with a leading 0. */

const NUMBER = /^\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))$/;
const LARGEST = 2n ** 64n;

/** Undefined when the text is not one number, or not below 2^64. A minus counts down from 2^64, as in C. */
export function parseBigNumber(text: string): bigint | undefined {
  const [, sign, hexadecimal, octal, decimal] = NUMBER.exec(text) ?? [];
  const digits = hexadecimal ?? octal ?? decimal;
  // Nothing that long fits, and converting it would take time.
  if (digits === undefined || digits.length > 100) return undefined;
  const prefix = hexadecimal !== undefined ? "0x" : octal !== undefined && octal !== "0" ? "0o" : "";
  const value = BigInt(prefix + digits);
  if (value >= LARGEST) return undefined;
  return sign === "-" && value > 0n ? LARGEST - value : value;
}

/** Undefined also for a number outside the range. */
export function parseNumber(text: string, min: number, max: number): number | undefined {
  const value = parseBigNumber(text);
  return value === undefined || value < BigInt(min) || value > BigInt(max) ? undefined : Number(value);
}

/** Lower case, with 0x. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
