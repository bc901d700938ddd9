/** `create NAME TYPE OPTIONS`. */
import type { RuleFamily } from "../rules/ruleset.js";
import type { Range } from "../rules/values.js";
import { parseIpv4, parseIpv6, prefixMask } from "../text/ip-address.js";
import { parseNumber } from "../text/number.js";
import { endOfLine, isLonger, type SourceLine, type Word } from "../text/source.js";
import { readIpv4Range, readPorts } from "./element-parts.js";
import { badValue, setError } from "./set-error.js";
import type { HashSettings, IpSet } from "./sets.js";
import { maskOptions, readType, type SetType } from "./types.js";

const LONGEST_NAME = 31;
const U32_MAX = 0xffffffff;
/** Seconds: what milliseconds in 31 bits can count. */
export const LONGEST_TIMEOUT = 2147483;
const MOST_IN_BITMAP = 65536;
const HASH_SIZE = 1024;
const MAX_ELEMENTS = 65536;
const LIST_SIZE = 8;
const SMALLEST_LIST = 4;
const FAMILIES: ReadonlyMap<string, RuleFamily> = new Map([
  ["inet", "ipv4"],
  ["ipv4", "ipv4"],
  ["inet6", "ipv6"],
  ["ipv6", "ipv6"],
]);

const FLAGS = ["counters", "comment", "skbinfo", "forceadd"];

/** A set without elements. */
export type NewSet = Omit<IpSet, "elements">;

/** @throws SourceError */
export function readCreate(words: readonly Word[], line: SourceLine): NewSet {
  const [name, typeWord, ...rest] = words;
  const end = endOfLine(line);
  if (!name || !typeWord) throw setError(end, "the line ends too early", "create NAME TYPE OPTIONS");
  if (name.text === "" || isLonger(name.text, LONGEST_NAME))
    throw badValue(name, `a name of 1 to ${LONGEST_NAME} bytes`);
  const type = readType(typeWord);
  const given = readOptions(type, rest);
  const family = familyOf(type, given);
  return {
    name: name.text,
    ...type,
    ...(family && { family }),
    ...(type.method === "hash" && { hash: readHash(given) }),
    ...readMask(family, given),
    ...(given.has("markmask") && { markMask: number(given, "markmask", U32_MAX, 0) }),
    ...(type.method === "bitmap" && { range: readRange(type, given, end) }),
    ...(type.method === "list" && {
      size: Math.max(number(given, "size", U32_MAX, LIST_SIZE), SMALLEST_LIST),
    }),
    ...(given.has("timeout") && { timeout: number(given, "timeout", LONGEST_TIMEOUT, 0) }),
    counters: given.has("counters"),
    comments: given.has("comment"),
    skbinfo: given.has("skbinfo"),
    line: name.line.number,
    column: name.column,
  };
}

type Given = ReadonlyMap<string, Word>;

function allowed({ method, type }: SetType): string[] {
  const common = ["timeout", "counters", "comment", "skbinfo"];
  if (method === "list") return ["size", ...common];
  if (method === "bitmap") return ["range", ...maskOptions(type), ...common];
  const hash = ["hashsize", "maxelem", "bucketsize", "initval", "forceadd"];
  const family = type === "hash:mac" ? [] : ["family"];
  return [
    ...family,
    ...hash,
    ...maskOptions(type),
    ...(type === "hash:ip,mark" ? ["markmask"] : []),
    ...common,
  ];
}

/** Values by option; the option itself for one without a value. */
function readOptions(type: SetType, words: readonly Word[]): Given {
  const names = allowed(type);
  const given = new Map<string, Word>();
  for (let i = 0; i < words.length; i++) {
    const option = words[i] as Word;
    if (!names.includes(option.text))
      throw badValue(option, `an option of ${type.type}: ${names.join(", ")}`);
    if (given.has(option.text)) throw setError(option, `${option.text} is given twice`);
    const value = FLAGS.includes(option.text) ? option : words[++i];
    if (!value) throw setError(endOfLine(option.line), `${option.text} lacks its value`);
    given.set(option.text, value);
  }
  const [netmask, bitmask] = [given.get("netmask"), given.get("bitmask")];
  if (netmask && bitmask) throw setError(bitmask, "netmask and bitmask exclude each other");
  return given;
}

function number(given: Given, option: string, max: number, usual: number): number {
  const word = given.get(option);
  if (!word) return usual;
  const value = parseNumber(word.text, 0, max);
  if (value === undefined) throw badValue(word, `a number from 0 to ${max}`);
  return value;
}

function familyOf({ method, parts }: SetType, given: Given): RuleFamily | undefined {
  if (!parts.includes("ip") && !parts.includes("net")) return undefined;
  if (method === "bitmap") return "ipv4";
  const word = given.get("family");
  const family = word ? FAMILIES.get(word.text) : "ipv4";
  if (!family) throw badValue(word as Word, "inet or inet6");
  return family;
}

function readHash(given: Given): HashSettings {
  const buckets = number(given, "bucketsize", U32_MAX, 0);
  const initial = given.get("initval");
  return {
    hashSize: roundUp(number(given, "hashsize", 2 ** 31, HASH_SIZE)),
    maxElements: number(given, "maxelem", U32_MAX, MAX_ELEMENTS),
    ...(given.has("bucketsize") && { bucketSize: Math.min(Math.max(buckets + (buckets % 2), 2), 12) }),
    ...(initial && { initialValue: number(given, "initval", U32_MAX, 0) }),
    forceAdd: given.has("forceadd"),
  };
}

/** To a power of two, from 64 on. */
function roundUp(buckets: number): number {
  return 2 ** Math.max(Math.ceil(Math.log2(buckets)), 6);
}

function readMask(family: RuleFamily | undefined, given: Given): Pick<IpSet, "mask"> {
  const length = family === "ipv6" ? 16 : 4;
  const netmask = given.get("netmask");
  if (netmask) {
    const bits = parseNumber(netmask.text, 1, length * 8);
    if (bits === undefined) throw badValue(netmask, `a number from 1 to ${length * 8}`);
    // All bits count: as if nothing had been said.
    return bits === length * 8 ? {} : { mask: { option: "netmask", bytes: prefixMask(bits, length) } };
  }
  const bitmask = given.get("bitmask");
  if (!bitmask) return {};
  const bytes = family === "ipv6" ? parseIpv6(bitmask.text) : parseIpv4(bitmask.text);
  if (!bytes || bytes.every((byte) => byte === 0)) throw badValue(bitmask, "a mask written as an address");
  return { mask: { option: "bitmask", bytes } };
}

function readRange({ parts }: SetType, given: Given, end: Word): Range {
  const word = given.get("range");
  if (!word) throw setError(end, "a bitmap needs to know what it has room for", "range FROM-TO");
  if (parts[0] === "port") {
    if (!word.text.includes("-")) throw badValue(word, "FROM-TO");
    return readPorts(word).range;
  }
  const range = readIpv4Range(word);
  if (!/[-/]/.test(word.text)) throw badValue(word, "FROM-TO or ADDRESS/PREFIX");
  const netmask = given.get("netmask");
  const bits = netmask ? (parseNumber(netmask.text, 1, 32) ?? 32) : 32;
  const step = 2 ** (32 - bits);
  if (range.min % step !== 0 || (range.max + 1) % step !== 0) {
    throw setError(word, "the range does not begin and end where the netmask does");
  }
  if ((range.max - range.min + 1) / step > MOST_IN_BITMAP) {
    throw setError(word, `a bitmap has room for ${MOST_IN_BITMAP} elements`);
  }
  return range;
}
