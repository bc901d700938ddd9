/** /proc/net/nf_conntrack, character for character as Linux 6.18 prints it. */
import { ExpectationFlag } from "../../assembly/shared/expectation-flag.js";
import { Status } from "../../assembly/shared/status.js";
import { type Address, expandAddress } from "../address.js";
import type { FlowCounters, FlowInfo, FlowTuple, ZoneDirection } from "../flow.js";
import { type LineWriter, Phrase, textOf } from "./line-writer.js";
import type { PrintedFlow, PrintedTuple } from "./printed-flow.js";

/** One line, without its end. */
export function procLine(flow: FlowInfo): string {
  return textOf((lines) => writeProc(lines, flow));
}

/** One line of /proc/net/ip_conntrack, which Linux had until 4.8 and the older guides show, without its end. */
export function legacyProcLine(flow: FlowInfo): string {
  return textOf((lines) => writeLegacyProc(lines, flow));
}

/** What procLine() returns. */
export function writeProc(lines: LineWriter, flow: PrintedFlow): void {
  const { zone, zoneDirection, deltaTime } = flow;
  lines.phrase(flow.family === "ipv4" ? IPV4 : IPV6);
  writeUpToMark(lines, flow, zoneDirection);
  if (zoneDirection === "both") value(lines, ZONE, zone);
  if (deltaTime !== undefined) value(lines, DELTA_TIME, deltaTime);
  value(lines, USE, flow.use);
}

/** What legacyProcLine() returns. */
export function writeLegacyProc(lines: LineWriter, flow: PrintedFlow): void {
  writeUpToMark(lines, flow, "both");
  value(lines, USE, flow.use);
}

/** `zoned`: behind which tuple the zone is told. */
function writeUpToMark(lines: LineWriter, flow: PrintedFlow, zoned: ZoneDirection): void {
  const { family, status, zone, counters: counted } = flow;
  head(lines, flow);
  tuple(lines, family, flow.original);
  if (zoned === "original") value(lines, ZONE_ORIGINAL, zone, BLANK);
  if (counted) counters(lines, counted.original);
  if (!(status & Status.SEEN_REPLY)) lines.phrase(UNREPLIED);
  tuple(lines, family, flow.reply);
  if (zoned === "reply") value(lines, ZONE_REPLY, zone, BLANK);
  if (counted) counters(lines, counted.reply);
  value(lines, status & Status.ASSURED ? ASSURED_MARK : MARK, flow.mark);
}

const IPV4 = new Phrase("ipv4     2 ");
const IPV6 = new Phrase("ipv6     10 ");
const BLANK = new Phrase(" ");
const SRC = new Phrase("src=");
const DST = new Phrase(" dst=");
const SPORT = new Phrase(" sport=");
const DPORT = new Phrase(" dport=");
const TYPE = new Phrase(" type=");
const CODE = new Phrase(" code=");
const ID = new Phrase(" id=");
const SRCKEY = new Phrase(" srckey=0x");
const DSTKEY = new Phrase(" dstkey=0x");
const PACKETS = new Phrase("packets=");
const BYTES = new Phrase(" bytes=");
const UNREPLIED = new Phrase("[UNREPLIED] ");
const ASSURED_MARK = new Phrase("[ASSURED] mark=");
const MARK = new Phrase("mark=");
const ZONE_ORIGINAL = new Phrase("zone-orig=");
const ZONE_REPLY = new Phrase("zone-reply=");
const ZONE = new Phrase(" zone=");
const DELTA_TIME = new Phrase(" delta-time=");
const USE = new Phrase(" use=");

/** Phrases of the names that have come up, of which there are few. */
class Names {
  readonly #phrases = new Map<string, Phrase>();
  readonly #width: number;

  /** `width`: how many characters are filled with blanks, and one behind. */
  constructor(width: number) {
    this.#width = width;
  }

  write(lines: LineWriter, name: string): void {
    const known = this.#phrases.get(name);
    if (known) lines.phrase(known);
    else this.#writeNew(lines, name);
  }

  #writeNew(lines: LineWriter, name: string): void {
    const text = `${name.padEnd(this.#width)} `;
    if (this.#phrases.size < MOST_NAMES && ASCII.test(name)) this.#phrases.set(name, new Phrase(text));
    lines.text(text);
  }
}

/** Listings may have any names. */
const MOST_NAMES = 64;
const ASCII = /^[ -~]{1,15}$/;
const PROTOCOLS = new Names(8);
const STATES = new Names(0);

function value(lines: LineWriter, name: Phrase, number: number, end?: Phrase): void {
  lines.phrase(name);
  lines.number(number);
  if (end) lines.phrase(end);
}

function head(lines: LineWriter, { protocol, protocolNumber, timeout, state, gre }: PrintedFlow): void {
  PROTOCOLS.write(lines, protocol);
  lines.number(protocolNumber);
  value(lines, BLANK, timeout, BLANK);
  if (gre) {
    lines.text(`timeout=${gre.timeout}, stream_timeout=${gre.streamTimeout} `);
  } else if (state !== undefined) {
    STATES.write(lines, state);
  }
}

function tuple(lines: LineWriter, family: PrintedFlow["family"], ends: PrintedTuple): void {
  const { sport, type, srckey } = ends;
  lines.phrase(SRC);
  address(lines, family, ends.src);
  lines.phrase(DST);
  address(lines, family, ends.dst);
  if (sport !== undefined) {
    value(lines, SPORT, sport);
    value(lines, DPORT, ends.dport ?? 0);
  } else if (type !== undefined) {
    value(lines, TYPE, type);
    value(lines, CODE, ends.code ?? 0);
    value(lines, ID, ends.icmpId ?? 0);
  } else if (srckey !== undefined) {
    lines.phrase(SRCKEY);
    lines.hex(srckey);
    lines.phrase(DSTKEY);
    lines.hex(ends.dstkey ?? 0);
  }
  lines.phrase(BLANK);
}

function address(lines: LineWriter, family: PrintedFlow["family"], of: Address): void {
  if (typeof of === "string") lines.text(family === "ipv4" ? of : expandAddress(of));
  else lines.address(of);
}

function counters(lines: LineWriter, { packets, bytes }: FlowCounters): void {
  value(lines, PACKETS, packets);
  value(lines, BYTES, bytes, BLANK);
}

/** What a listing prints of an expectation. */
export interface ExpectationInfo {
  readonly family: "ipv4" | "ipv6";
  readonly protocolNumber: number;
  /** Whole seconds left. */
  readonly timeout: number;
  readonly tuple: FlowTuple;
  readonly flags: number;
  readonly helper: string | undefined;
  readonly className: string | undefined;
}

/** One line of /proc/net/nf_conntrack_expect, without its end. */
export function expectationLine(e: ExpectationInfo): string {
  const family = e.family === "ipv4" ? 2 : 10;
  const flags = EXPECTATION_FLAGS.filter(([bit]) => e.flags & bit).map(([, name]) => name);
  const name = e.helper ?? "";
  const helper = e.className === undefined ? name : `${name}/${e.className}`;
  const tail = [flags.join(","), helper].filter((part) => part !== "").join(" ");
  const ends = textOf((lines) => tuple(lines, e.family, e.tuple));
  return `${e.timeout} l3proto = ${family} proto=${e.protocolNumber} ${ends}${tail}`;
}

const EXPECTATION_FLAGS = [
  [ExpectationFlag.PERMANENT, "PERMANENT"],
  [ExpectationFlag.INACTIVE, "INACTIVE"],
  [ExpectationFlag.USERSPACE, "USERSPACE"],
] as const;
