/** Readers of arguments that several options take. Each throws a rule error that says what it expects. */
import { applyMask, parseIpv6, prefixMask } from "../text/ip-address.js";
import { parseBigNumber, parseNumber } from "../text/number.js";
import { protocolName, protocolNumber } from "../text/protocols.js";
import { servicePort } from "../text/services.js";
import { isLonger, partOf, splitWord, type Word } from "../text/source.js";
import type { Reader } from "./option.js";
import { badArgument, named, ruleError } from "./rule-error.js";
import type { RuleFamily } from "./ruleset.js";
import type { AddressBytes, AddressRange, BigRange, Masked, Network, Range } from "./values.js";

export const U32_MAX = 0xffffffff;
const U64_MAX = 2n ** 64n - 1n;

export function uint(min: number, max: number): Reader<number> {
  return (word) => {
    const value = parseNumber(word.text, min, max);
    if (value === undefined) throw badArgument(word, `a number from ${min} to ${max}`);
    return value;
  };
}

/** A part of a range; when it is empty, the end of all. */
function bound(word: Word, end: bigint, max: bigint): bigint {
  if (word.text === "") return end;
  const value = parseBigNumber(word.text);
  if (value === undefined || value > max) throw badArgument(word, `a number from 0 to ${max}`);
  return value;
}

/** N, N:M, N: or :M. In which order is for the option to say. */
export function bigRange(max: bigint = U64_MAX): Reader<BigRange> {
  return (word) => {
    const [from, to, more] = splitWord(word, ":");
    if (!from || more || (!to && word.text === ""))
      throw badArgument(word, "a number, or two joined by a colon");
    const min = bound(from, 0n, max);
    return { min, max: to ? bound(to, max, max) : min };
  };
}

export function range(max: number): Reader<Range> {
  const read = bigRange(BigInt(max));
  return (word, context) => {
    const { min, max } = read(word, context);
    return { min: Number(min), max: Number(max) };
  };
}

/** Refuses a range whose end lies before its begin. */
export function ascending<T extends Range | BigRange>(read: Reader<T>): Reader<T> {
  return (word, context) => {
    const value = read(word, context);
    if (value.min > value.max) throw ruleError(word, "the range ends before it begins");
    return value;
  };
}

/** VALUE or VALUE/MASK. */
export const markMask: Reader<Masked> = (word) => {
  const [value, mask = U32_MAX, ...more] = splitWord(word, "/").map((part) => {
    return parseNumber(part.text, 0, U32_MAX) ?? Number.NaN;
  });
  if (value === undefined || Number.isNaN(value + mask) || more.length > 0) {
    throw badArgument(word, "a number of 32 bits, or two joined by a slash");
  }
  return { value, mask };
};

/** Text of so many bytes. */
export function text(min: number, max: number): Reader<string> {
  return (word) => {
    if (isLonger(word.text, max)) throw ruleError(word, `${named(word.text)} has more than ${max} bytes`);
    if (!isLonger(word.text, min - 1)) throw badArgument(word, `text of ${min} to ${max} bytes`);
    return word.text;
  };
}

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  return (word) => {
    const found = words.find((one) => one === word.text);
    if (found === undefined) throw badArgument(word, words.join(" or "));
    return found;
  };
}

/** Words with commas between them, in the order of `words`; names may be shortened, case does not count. */
export function abbreviatedList<const T extends string>(...words: readonly T[]): Reader<T[]> {
  return (word) => {
    const given = splitWord(word, ",").map((part) => {
      const start = part.text.toUpperCase();
      const found = part.text === "" ? undefined : words.find((one) => one.startsWith(start));
      if (found === undefined) throw badArgument(part, `a list of ${words.join(", ")}`);
      return found;
    });
    return words.filter((one) => given.includes(one));
  };
}

export const protocol: Reader<number> = (word) => {
  const number = parseNumber(word.text, 0, 255) ?? protocolNumber(word.text.toLowerCase());
  if (number === undefined) {
    throw ruleError(
      word,
      `${named(word.text)} is no protocol`,
      "a number from 0 to 255 or a name such as tcp",
    );
  }
  return number;
};

/** A number or a service that the protocol has; without a protocol, that any has. */
export function readPort(word: Word, protocol: number | undefined): number {
  const name = protocol === undefined ? undefined : (protocolName(protocol) ?? "");
  const value = parseNumber(word.text, 0, 65535) ?? servicePort(word.text, name);
  if (value === undefined) {
    throw ruleError(
      word,
      `${named(word.text)} is no port`,
      "a number from 0 to 65535 or the name of a service",
    );
  }
  return value;
}

/** PORT, PORT:PORT, :PORT or PORT: */
export function portRange(protocol?: number): Reader<Range> {
  return (word) => {
    const [from, to, more] = splitWord(word, ":");
    if (!from || more) throw badArgument(word, "a port, or two joined by a colon");
    if (!to) {
      const port = readPort(from, protocol);
      return { min: port, max: port };
    }
    return {
      min: from.text === "" ? 0 : readPort(from, protocol),
      max: to.text === "" ? 65535 : readPort(to, protocol),
    };
  };
}

export function addressLength(family: RuleFamily): number {
  return family === "ipv4" ? 4 : 16;
}

const ADDRESS = { ipv4: "an IPv4 address", ipv6: "an IPv6 address" };

/** Numbers as C writes them; so many at least, missing ones at the end are 0. */
function numericIpv4(text: string, least: number): number[] | undefined {
  const parts = text.split(".").map((part) => parseNumber(part, 0, 255));
  if (parts.length < least || parts.length > 4 || parts.includes(undefined)) return undefined;
  return Array.from({ length: 4 }, (_, i) => parts[i] ?? 0);
}

/** An IPv4 address may lack its last numbers ("10.1") when `shortened` says so. */
export function readAddress(word: Word, family: RuleFamily, shortened = false): AddressBytes {
  const text = word.text.trimStart();
  const bytes = family === "ipv4" ? numericIpv4(text, shortened ? 1 : 4) : parseIpv6(text);
  if (bytes) return bytes;
  const isName = /^[a-z][a-z0-9.-]*$/i.test(text);
  const problem = isName ? "is a name: addresses have to be numbers" : "is no address";
  throw ruleError(word, `${named(word.text)} ${problem}`, ADDRESS[family]);
}

/** A prefix length, or a mask as an address. */
export function readMask(word: Word, family: RuleFamily): AddressBytes {
  const length = addressLength(family);
  const bits = parseNumber(word.text, 0, length * 8);
  if (bits !== undefined) return prefixMask(bits, length);
  const dotted = family === "ipv4" ? numericIpv4(word.text, 4) : parseIpv6(word.text);
  if (!dotted) throw badArgument(word, `a mask: ${ADDRESS[family]} or a number from 0 to ${length * 8}`);
  return dotted;
}

/** ADDRESS or ADDRESS/MASK. */
export function readNetwork(word: Word, family: RuleFamily, shortened = false): Network {
  const slash = word.text.lastIndexOf("/");
  const length = addressLength(family);
  if (slash < 0) {
    return { address: readAddress(word, family, shortened), mask: prefixMask(length * 8, length) };
  }
  const mask = readMask(partOf(word, slash + 1), family);
  return { address: readAddress(partOf(word, 0, slash), family, shortened), mask };
}

/** As `readNetwork`, without the bits outside the mask. */
export const network: Reader<Network> = (word, { family }) => {
  const { address, mask } = readNetwork(word, family);
  return { address: applyMask(address, mask), mask };
};

/** FROM or FROM-TO. */
export function readAddressRange(word: Word, family: RuleFamily): AddressRange {
  const [from, to, more] = splitWord(word, "-");
  if (!from || more) throw badArgument(word, "an address, or two joined by a hyphen");
  const min = readAddress(from, family, true);
  return { min, max: to ? readAddress(to, family, true) : min };
}
