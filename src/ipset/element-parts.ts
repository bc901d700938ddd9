/** Parts of elements: addresses, networks, ports and the like, each possibly a range of them. */
import type { AddressBytes, Range } from "../rules/values.js";
import { ICMP_TYPES, ICMP6_TYPES, type IcmpTypeName } from "../text/icmp-types.js";
import { parseIpv4, parseIpv6 } from "../text/ip-address.js";
import { parseNumber } from "../text/number.js";
import { protocolName, protocolNumber } from "../text/protocols.js";
import { servicePort } from "../text/services.js";
import { partOf, splitWord, type Word } from "../text/source.js";
import { badValue, setError } from "./set-error.js";

const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;
/** TCP, UDP, SCTP, UDPLITE. */
const WITH_PORTS = [TCP, 17, 132, 136];

export function addressNumber(bytes: AddressBytes): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

export function numberAddress(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}

function readIpv4(word: Word): number {
  const bytes = parseIpv4(word.text);
  if (!bytes) throw badValue(word, "an IPv4 address");
  return addressNumber(bytes);
}

/** Without the brackets that may stand around an address. */
function bare(word: Word): Word {
  return /^\[.*\]$/.test(word.text) ? partOf(word, 1, word.text.length - 1) : word;
}

function readPrefix(word: Word, bits: number): number {
  const prefix = parseNumber(word.text, 0, bits);
  if (prefix === undefined) throw badValue(word, `a number from 0 to ${bits}`);
  return prefix;
}

/** ADDRESS, ADDRESS/PREFIX or FROM-TO, the ends in any order. */
export function readIpv4Range(whole: Word): Range {
  const word = bare(whole);
  const [from, to, more] = splitWord(word, "-");
  if (!from || more) throw badValue(word, "ADDRESS, ADDRESS/PREFIX or FROM-TO");
  if (to) {
    const ends = [readIpv4(from), readIpv4(to)];
    return { min: Math.min(...ends), max: Math.max(...ends) };
  }
  const slash = word.text.indexOf("/");
  if (slash < 0) {
    const value = readIpv4(word);
    return { min: value, max: value };
  }
  const size = 2 ** (32 - readPrefix(partOf(word, slash + 1), 32));
  const min = Math.floor(readIpv4(partOf(word, 0, slash)) / size) * size;
  return { min, max: min + size - 1 };
}

/** ADDRESS, possibly with the prefix of a host. */
export function readIpv6(whole: Word): AddressBytes {
  const word = bare(whole);
  const { address, prefix } = readIpv6Network(word);
  if (prefix !== 128) throw badValue(word, "a plain IPv6 address");
  return address;
}

/** ADDRESS or ADDRESS/PREFIX. */
export function readIpv6Network(whole: Word): { address: AddressBytes; prefix: number } {
  const word = bare(whole);
  const slash = word.text.indexOf("/");
  const address = parseIpv6(slash < 0 ? word.text : word.text.slice(0, slash));
  if (!address) throw badValue(word, "an IPv6 address, or one with a prefix length");
  return { address, prefix: slash < 0 ? 128 : readPrefix(partOf(word, slash + 1), 128) };
}

/** The fewest networks that cover a range of IPv4 addresses, in order. */
export function networksOf({ min, max }: Range): { start: number; prefix: number }[] {
  const networks: { start: number; prefix: number }[] = [];
  for (let start = min; start <= max; ) {
    // As large as its start allows, and no larger than what is left.
    let bits = start === 0 ? 32 : 31 - Math.clz32(start & -start);
    while (start + 2 ** bits - 1 > max) bits--;
    networks.push({ start, prefix: 32 - bits });
    start += 2 ** bits;
  }
  return networks;
}

export interface Ports {
  readonly protocol: number;
  readonly range: Range;
}

/** PORT, FROM-TO, PROTOCOL:PORT, PROTOCOL:FROM-TO, icmp:TYPE/CODE, icmp:NAME or PROTOCOL:0. */
export function readPorts(word: Word): Ports {
  const colon = word.text.indexOf(":");
  const protocol = colon < 0 ? TCP : readProtocol(partOf(word, 0, colon));
  const value = colon < 0 ? word : partOf(word, colon + 1);
  if (protocol === ICMP || protocol === ICMPV6) {
    const typeAndCode = readIcmp(value, protocol === ICMP ? ICMP_CODES : ICMP6_CODES);
    return { protocol, range: { min: typeAndCode, max: typeAndCode } };
  }
  const [from, to, more] = value.text.startsWith("[") ? splitBracketed(value) : splitWord(value, "-");
  if (!from || more) throw badValue(value, "PORT or FROM-TO");
  const ends = [from, to ?? from].map((end) => readPort(end, protocol));
  const range = { min: Math.min(...ends), max: Math.max(...ends) };
  if (!WITH_PORTS.includes(protocol) && range.max > 0) {
    throw setError(value, `${protocolName(protocol) ?? protocol} has no ports`, "0");
  }
  return { protocol, range };
}

/** Names with hyphens stand in brackets: [ftp-data]-[ssh]. */
function splitBracketed(word: Word): Word[] {
  const [, first = "", second] = /^(\[[^\]]*\])(?:-(.*))?$/.exec(word.text) ?? [];
  if (first === "") return [];
  return [partOf(word, 0, first.length), ...(second === undefined ? [] : [partOf(word, first.length + 1)])];
}

function readPort(whole: Word, protocol: number): number {
  const word = bare(whole);
  const port = parseNumber(word.text, 0, 65535) ?? servicePort(word.text, protocolName(protocol));
  if (port === undefined) throw badValue(word, "a number from 0 to 65535 or the name of a service");
  return port;
}

function readProtocol(word: Word): number {
  const number = parseNumber(word.text, 1, 255) ?? protocolNumber(word.text.toLowerCase());
  if (!number) throw badValue(word, "a protocol");
  return number;
}

/** What has a name: types together with a code; 0 where the type has none. */
function codes(names: readonly IcmpTypeName[]): ReadonlyMap<string, number> {
  const withCodes = new Set(names.filter(({ code }) => code !== undefined).map(({ type }) => type));
  return new Map(
    names.flatMap(({ name, type, code }) => {
      if (type === undefined || (code === undefined && withCodes.has(type))) return [];
      return [[name, (type << 8) | (code ?? 0)] as const];
    }),
  );
}

const ICMP_CODES = codes(ICMP_TYPES);
/** ipset does not know these. */
const NOT_IN_IPSET = [
  "beyond-scope",
  "failed-policy",
  "reject-route",
  "neighbor-solicitation",
  "neighbor-advertisement",
];
const ICMP6_CODES = codes(ICMP6_TYPES.filter(({ name }) => !NOT_IN_IPSET.includes(name)));

function readIcmp(word: Word, names: ReadonlyMap<string, number>): number {
  const named = names.get(word.text);
  if (named !== undefined) return named;
  const [type, code, more] = splitWord(word, "/").map((part) => parseNumber(part.text, 0, 255));
  if (type === undefined || code === undefined || more !== undefined)
    throw badValue(word, "TYPE/CODE or a name");
  return (type << 8) | code;
}

/** As `ipset save` prints it. */
export function printPort(protocol: number, port: number): string {
  const name = protocolName(protocol) ?? `${protocol}`;
  if (protocol !== ICMP && protocol !== ICMPV6) return `${name}:${port}`;
  const names = protocol === ICMP ? ICMP_CODES : ICMP6_CODES;
  const named = [...names].find(([, value]) => value === port)?.[0];
  return `${name}:${named ?? `${port >> 8}/${port & 255}`}`;
}

/** Six hexadecimal numbers. */
export function readMac(word: Word): readonly number[] {
  if (!/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/i.test(word.text))
    throw badValue(word, "an address of Ethernet");
  return word.text.split(":").map((part) => Number.parseInt(part, 16));
}
