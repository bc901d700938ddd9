/**
 * FTP (RFC 959), with EPRT and EPSV (RFC 2428) and 227 replies in the spellings of RFC 1123, 4.1.2.6. Understood are
 * the commands PORT and EPRT of the client and the replies 227 and 229 of the server, at the start of a segment that
 * is known to begin a line: a segment before it in the same direction ended in a newline. A command that does
 * not fit into its segment could not be followed, and its segment is dropped.
 */
import { parseAddressRange } from "../address.js";
import { readAddress4, readAddress6, readNumbers, readPort } from "./ftp-numbers.js";
import type { Expect, Helper, HelperContext } from "./helper.js";
import { NO_EXPECTATION } from "./refusal.js";
import { ascii, CR, commonLength, isDigit, NEWLINE, SPACE } from "./text.js";

/** Per direction, sequence numbers at which a line begins; two, because segments may come again or out of order. */
interface Lines {
  readonly original: number[];
  readonly reply: number[];
}

/** What is announced, and where in the payload it stands. */
interface Announcement {
  /** Bytes. */
  readonly address: readonly number[];
  readonly port: number;
  readonly start: number;
  readonly end: number;
}

interface Command {
  readonly name: string;
  readonly word: Uint8Array;
  /** How what it announces is spelled; `address`: as bytes. */
  readonly spell: (address: readonly number[], port: number) => string;
  /** What follows the word, from `at` on; undefined if it is cut off or senseless. `sender`: address as bytes. */
  read(payload: Uint8Array, at: number, sender: readonly number[]): Announcement | undefined;
}

const LINES_REMEMBERED = 2;
const OPENING_BRACKET = 40;

const COMMANDS: Readonly<Record<"original" | "reply", readonly Command[]>> = {
  original: [
    { name: "PORT", word: ascii("PORT"), read: readPortCommand, spell: spellSix },
    { name: "EPRT", word: ascii("EPRT"), read: readEprt, spell: spellExtended },
  ],
  reply: [
    { name: "227 ", word: ascii("227 "), read: readPassive, spell: spellSix },
    { name: "229 ", word: ascii("229 "), read: readExtendedPassive, spell: (_, port) => `|||${port}|` },
  ],
};

export const ftp: Helper<Lines> = {
  name: "ftp",
  protocol: "tcp",
  port: 21,
  classes: [{ max: 1, timeout: 300 }],
  createState: () => ({ original: [], reply: [] }),
  packet(context) {
    const { payload, truncated, ctState, seq, state, direction } = context;
    if (ctState !== "ESTABLISHED" || payload.length === 0) return;
    const lines = state[direction];
    const verdict = lines.includes(seq) ? follow(context) : "pass";
    // What a capture cut off did get through.
    if (typeof verdict === "object") return truncated ? undefined : verdict;
    if (!truncated && payload[payload.length - 1] === NEWLINE) remember(lines, (seq + payload.length) >>> 0);
    return verdict === "refused" ? NO_EXPECTATION : undefined;
  },
};

function remember(lines: number[], seq: number): void {
  if (lines.includes(seq)) return;
  if (lines.length < LINES_REMEMBERED) {
    lines.push(seq);
    return;
  }
  const [a = 0, b = 0] = lines;
  const older = isBefore(a, b) ? 0 : 1;
  if (isBefore(lines[older] ?? 0, seq)) lines[older] = seq;
}

function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** What Linux says of a command that does not fit into its segment. */
function cutOff(name: string): { readonly drop: string } {
  return { drop: `partial matching of \`${name}'` };
}

function follow(context: HelperContext<Lines>): "pass" | "refused" | { readonly drop: string } {
  const { payload, direction, original, reply, expect, nat } = context;
  const [here, there] = direction === "original" ? [original, reply] : [reply, original];
  for (const { name, word, read, spell } of COMMANDS[direction]) {
    const common = commonLength(payload, word, 0, payload.length);
    if (common < Math.min(word.length, payload.length)) continue;
    if (payload.length <= word.length) return cutOff(name);
    const sender = parseAddressRange(here.src).address;
    const announced = read(payload, word.length, sender);
    if (!announced) return cutOff(name);
    // Nobody may announce connections to others.
    if (!announced.address.every((byte, i) => byte === sender[i])) return "pass";
    const data: Expect = {
      protocol: "tcp",
      source: { address: there.src },
      destination: { address: there.dst, port: announced.port },
    };
    if (!nat) return expect(data) === "ADDED" ? "pass" : "refused";
    const port = nat.expect(data);
    if (port === undefined) return "refused";
    const { start, end } = announced;
    nat.replace(start, end - start, ascii(spell(parseAddressRange(nat.address).address, port)));
    return "pass";
  }
  return "pass";
}

/** PORT h1,h2,h3,h4,p1,p2 */
function readPortCommand(
  payload: Uint8Array,
  at: number,
  sender: readonly number[],
): Announcement | undefined {
  const space = payload.indexOf(SPACE, at);
  if (space < 0) return undefined;
  return readSix(payload, space + 1, sender, CR);
}

/** 227 Entering Passive Mode (h1,h2,h3,h4,p1,p2), with or without brackets and with any words. */
function readPassive(payload: Uint8Array, at: number, sender: readonly number[]): Announcement | undefined {
  let digits = at;
  while (digits < payload.length && !isDigit(payload[digits])) digits++;
  return readSix(payload, digits, sender, undefined);
}

function readSix(
  payload: Uint8Array,
  at: number,
  sender: readonly number[],
  terminator: number | undefined,
): Announcement | undefined {
  const read = readNumbers(payload, at, { count: 6, separator: 44, terminator });
  if (!read) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = read.numbers;
  const address = (a << 24) | (b << 16) | (c << 8) | d;
  return {
    // Of IPv6 addresses the first four bytes are meant.
    address: [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).concat(sender.slice(4)),
    port: ((high << 8) | low) & 0xffff,
    start: at,
    end: read.end,
  };
}

/** EPRT |1|a.b.c.d|port| or EPRT |2|v6|port| */
function readEprt(payload: Uint8Array, at: number, sender: readonly number[]): Announcement | undefined {
  const space = payload.indexOf(SPACE, at);
  if (space < 0) return undefined;
  const start = space + 1;
  const delimiter = payload[start];
  const six = sender.length === 16;
  if (!isDelimiter(delimiter) || payload[start + 2] !== delimiter) return undefined;
  if (payload[start + 1] !== (six ? 50 : 49)) return undefined;
  const address = (six ? readAddress6 : readAddress4)(payload, start + 3, delimiter);
  if (!address) return undefined;
  const port = readPort(payload, address.end + 1, delimiter);
  return port && { address: address.bytes, port: port.port, start, end: port.end };
}

/** 229 Entering Extended Passive Mode (|||port|) */
function readExtendedPassive(
  payload: Uint8Array,
  at: number,
  sender: readonly number[],
): Announcement | undefined {
  const bracket = payload.indexOf(OPENING_BRACKET, at);
  if (bracket < 0) return undefined;
  const start = bracket + 1;
  const delimiter = payload[start];
  if (!isDelimiter(delimiter)) return undefined;
  if (payload[start + 1] !== delimiter || payload[start + 2] !== delimiter) return undefined;
  const port = readPort(payload, start + 3, delimiter);
  return port && { address: sender, port: port.port, start, end: port.end };
}

function spellSix(address: readonly number[], port: number): string {
  return [...address.slice(0, 4), port >>> 8, port & 255].join(",");
}

/** IPv6 addresses in full: eight groups of four digits. */
function spellExtended(address: readonly number[], port: number): string {
  if (address.length === 4) return `|1|${address.join(".")}|${port}|`;
  const digits = address.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `|2|${digits.match(/.{4}/g)?.join(":")}|${port}|`;
}

function isDelimiter(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 33 && byte <= 126 && !isDigit(byte);
}
