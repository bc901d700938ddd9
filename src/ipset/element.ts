/** `add NAME ELEMENT OPTIONS`. */
import type { Masked, Range } from "../rules/values.js";
import { applyMask, prefixMask } from "../text/ip-address.js";
import { parseBigNumber, parseNumber } from "../text/number.js";
import { endOfLine, isLonger, partOf, type Word } from "../text/source.js";
import { LONGEST_TIMEOUT, type NewSet } from "./create.js";
import {
  networksOf,
  numberAddress,
  type Ports,
  readIpv4Range,
  readIpv6,
  readIpv6Network,
  readMac,
  readPorts,
} from "./element-parts.js";
import { badValue, setError } from "./set-error.js";
import type { SetElement, SetPart, SetValue } from "./sets.js";

const U32_MAX = 0xffffffff;
const LONGEST_INTERFACE = 15;
const LONGEST_COMMENT = 255;
const LARGEST_COUNTER = 2n ** 64n - 2n;

/** All values that a part of an element stands for, and how many those are. */
interface Values {
  readonly count: number;
  readonly list: () => Iterable<SetValue>;
}

/**
 * The elements that a line adds; a range adds several.
 * @param room how many there may be
 * @throws SourceError
 */
export function readElements(
  set: NewSet,
  element: Word,
  options: readonly Word[],
  room: number,
): SetElement[] {
  const rest = readOptions(set, options);
  const parts = splitElement(set, element);
  const values = parts.map((part, i) => readPart(set, part, set.parts[i] as SetPart, i, rest.wildcard));
  const count = values.reduce((product, { count }) => product * count, 1);
  if (count > room) throw setError(element, `these are ${count} elements, and there is room for ${room}`);
  const { wildcard, ...common } = rest;
  const place = { line: element.line.number, column: element.column };
  return combine(values).map((values) => ({ values, ...common, ...place }));
}

function combine([first, ...rest]: readonly Values[]): SetValue[][] {
  if (!first) return [[]];
  const behind = combine(rest);
  return [...first.list()].flatMap((value) => behind.map((values) => [value, ...values]));
}

function one(value: SetValue): Values {
  return { count: 1, list: () => [value] };
}

function splitElement({ type, parts }: NewSet, element: Word): Word[] {
  let from = 0;
  const words = element.text.split(",").map((part) => {
    const word = partOf(element, from, from + part.length);
    from += part.length + 1;
    return word;
  });
  const least = type === "bitmap:ip,mac" ? 1 : parts.length;
  if (words.length > parts.length || words.length < least || words.some(({ text }) => text === "")) {
    throw badValue(
      element,
      `${parts.length === 1 ? "one part" : `${parts.length} parts joined by commas`}: ${parts.join(",")}`,
    );
  }
  // A MAC address may be missing.
  return parts.map((_, i) => words[i] ?? { ...element, text: "" });
}

function readPart(set: NewSet, word: Word, part: SetPart, index: number, wildcard: boolean): Values {
  switch (part) {
    case "ip":
      return readIp(set, word, index);
    case "net":
      return readNet(set, word);
    case "port":
      return readPortPart(set, word);
    case "mac":
      return one({ kind: "mac", ...(word.text !== "" && { address: checkedMac(set, word) }) });
    case "iface":
      return one(readInterface(word, wildcard));
    case "mark":
      return one(readMark(set, word));
    case "set":
      return one({ kind: "set", set: word.text });
  }
}

/** Ranges only of IPv4 and only in the first part; what a mask makes equal counts once. */
function readIp(set: NewSet, word: Word, index: number): Values {
  if (set.family === "ipv6") {
    const address = masked(set, readIpv6(word));
    if (index === 0 && address.every((byte) => byte === 0)) throw zeroAddress(word);
    return one({ kind: "ip", address });
  }
  const range = readIpv4Range(word);
  const isPlain = index > 0 || set.type === "bitmap:ip,mac";
  if (isPlain && range.min !== range.max) throw badValue(word, "a plain IPv4 address");
  if (set.method === "bitmap") checkRange(set, range, word);
  const step = stepOf(set);
  const first = Math.floor(range.min / step) * step;
  const count = Math.floor((range.max - first) / step) + 1;
  if (set.method === "hash" && first === 0 && index === 0) throw zeroAddress(word);
  return {
    count,
    *list() {
      for (let i = 0; i < count; i++) {
        yield { kind: "ip", address: masked(set, numberAddress(first + i * step)) };
      }
    },
  };
}

/** From one address to the next that a netmask leaves different. */
function stepOf({ mask }: NewSet): number {
  if (mask?.option !== "netmask") return 1;
  return 2 ** (32 - mask.bytes.reduce((bits, byte) => bits + byte.toString(2).replaceAll("0", "").length, 0));
}

function masked({ mask }: NewSet, address: readonly number[]): readonly number[] {
  return mask ? applyMask(address, mask.bytes) : address;
}

function zeroAddress(word: Word) {
  return setError(word, "a hash cannot store an address of zeros");
}

function checkRange({ range }: NewSet, { min, max }: Range, word: Word): void {
  if (range && (min < range.min || max > range.max))
    throw setError(word, "this lies outside the range of the set");
}

function readNet(set: NewSet, word: Word): Values {
  const isAnyAllowed = set.type === "hash:net,iface";
  if (set.family === "ipv6") {
    const { address, prefix } = readIpv6Network(word);
    if (prefix === 0 && !isAnyAllowed) throw allAddresses(word);
    return one({ kind: "net", address: masked(set, applyMask(address, prefixMask(prefix, 16))), prefix });
  }
  const networks = networksOf(readIpv4Range(word));
  if (networks[0]?.prefix === 0 && !isAnyAllowed) throw allAddresses(word);
  return {
    count: networks.length,
    list: () =>
      networks.map(({ start, prefix }) => ({
        kind: "net",
        address: masked(set, numberAddress(start)),
        prefix,
      })),
  };
}

function allAddresses(word: Word) {
  return setError(word, "a network of all addresses cannot be stored");
}

function readPortPart(set: NewSet, word: Word): Values {
  const { protocol, range }: Ports = readPorts(word);
  if (set.method === "bitmap") checkRange(set, range, word);
  if (protocol === (set.family === "ipv6" ? 1 : 58)) {
    throw setError(word, `this protocol does not go with ${set.family === "ipv6" ? "IPv6" : "IPv4"}`);
  }
  const kind = "port";
  return {
    count: range.max - range.min + 1,
    *list() {
      for (let port = range.min; port <= range.max; port++) {
        yield set.method === "bitmap" ? { kind, port } : { kind, protocol, port };
      }
    },
  };
}

function checkedMac({ type }: NewSet, word: Word): readonly number[] {
  const address = readMac(word);
  if (type !== "bitmap:ip,mac" && address.every((byte) => byte === 0)) {
    throw setError(word, "a hash cannot store an address of zeros");
  }
  return address;
}

function readInterface(word: Word, wildcard: boolean): SetValue {
  const physical = word.text.startsWith("physdev:");
  const name = physical ? partOf(word, "physdev:".length) : word;
  if (name.text === "" || isLonger(name.text, LONGEST_INTERFACE)) {
    throw badValue(name, `the name of an interface of 1 to ${LONGEST_INTERFACE} bytes`);
  }
  return { kind: "iface", name: name.text, prefix: wildcard, physical };
}

function readMark({ markMask = U32_MAX }: NewSet, word: Word): SetValue {
  const mark = parseNumber(word.text, 0, U32_MAX);
  if (mark === undefined) throw badValue(word, "a number of 32 bits");
  return { kind: "mark", mark: (mark & markMask) >>> 0 };
}

type ElementOptions = Omit<SetElement, "values" | "line" | "column"> & { readonly wildcard: boolean };

/** What a set has to be created with, so that its elements may have these. */
function needs(set: NewSet): Readonly<Record<string, boolean>> {
  const isNet = set.method === "hash" && set.parts.includes("net");
  return {
    timeout: set.timeout !== undefined,
    packets: set.counters,
    bytes: set.counters,
    comment: set.comments,
    skbmark: set.skbinfo,
    skbprio: set.skbinfo,
    skbqueue: set.skbinfo,
    nomatch: isNet,
    wildcard: set.parts.includes("iface"),
  };
}

function readOptions(set: NewSet, words: readonly Word[]): ElementOptions {
  const allowed = needs(set);
  const given = new Map<string, Word>();
  for (let i = 0; i < words.length; i++) {
    const option = words[i] as Word;
    const isAllowed = Object.hasOwn(allowed, option.text) ? allowed[option.text] : undefined;
    if (isAllowed === undefined) throw badValue(option, Object.keys(allowed).join(", "));
    if (!isAllowed)
      throw setError(option, `the set ${set.name} has no ${option.text}: it was created without`);
    if (given.has(option.text)) throw setError(option, `${option.text} is given twice`);
    const isFlag = option.text === "nomatch" || option.text === "wildcard";
    const value = isFlag ? option : words[++i];
    if (!value) throw setError(endOfLine(option.line), `${option.text} lacks its value`);
    given.set(option.text, value);
  }
  const timeout = given.get("timeout");
  const comment = given.get("comment");
  const [mark, priority, queue] = [given.get("skbmark"), given.get("skbprio"), given.get("skbqueue")];
  return {
    nomatch: given.has("nomatch"),
    wildcard: given.has("wildcard"),
    ...(set.timeout !== undefined && { timeout: timeout ? number(timeout, LONGEST_TIMEOUT) : set.timeout }),
    packets: counter(given.get("packets")),
    bytes: counter(given.get("bytes")),
    ...(comment && { comment: readComment(comment) }),
    ...(mark && { mark: readSkbMark(mark) }),
    ...(priority && { priority: readPriority(priority) }),
    ...(queue && { queue: number(queue, 65535) }),
  };
}

function number(word: Word, max: number): number {
  const value = parseNumber(word.text, 0, max);
  if (value === undefined) throw badValue(word, `a number from 0 to ${max}`);
  return value;
}

function counter(word: Word | undefined): bigint {
  if (!word) return 0n;
  const value = word.text.includes("-") ? undefined : parseBigNumber(word.text);
  if (value === undefined || value > LARGEST_COUNTER) throw badValue(word, "a number of 64 bits");
  return value;
}

function readComment(word: Word): string {
  if (word.text === "" || isLonger(word.text, LONGEST_COMMENT))
    throw badValue(word, `text of 1 to ${LONGEST_COMMENT} bytes`);
  return word.text;
}

/** 0xMARK or 0xMARK/0xMASK */
function readSkbMark(word: Word): Masked {
  const [, mark, mask = "0xffffffff"] = /^(0x[0-9a-f]{1,8})(?:\/(0x[0-9a-f]{1,8}))?$/i.exec(word.text) ?? [];
  if (mark === undefined) throw badValue(word, "0xMARK or 0xMARK/0xMASK");
  return { value: Number(mark), mask: Number(mask) };
}

/** MAJOR:MINOR, hexadecimal. */
function readPriority(word: Word): number {
  const [, major, minor = ""] = /^(?:0x)?([0-9a-f]{1,4}):(?:0x)?([0-9a-f]{1,4})$/i.exec(word.text) ?? [];
  if (major === undefined) throw badValue(word, "MAJOR:MINOR, hexadecimal");
  return ((Number.parseInt(major, 16) << 16) | Number.parseInt(minor, 16)) >>> 0;
}
