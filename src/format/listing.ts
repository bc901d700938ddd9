/** Reads what /proc/net/nf_conntrack, /proc/net/ip_conntrack and `conntrack -L` print back into flows. */
import ipaddr from "ipaddr.js";
import { Protocol } from "../../assembly/shared/protocol.js";
import { SctpState } from "../../assembly/shared/sctp-state.js";
import { Status } from "../../assembly/shared/status.js";
import { TcpState } from "../../assembly/shared/tcp-state.js";
import { ConntrackError } from "../errors.js";
import type { FlowCounters, FlowTuple } from "../flow.js";
import type { ListedFlow } from "./listed-flow.js";

/**
 * The flows of a listing, in its order. Blank lines and the tool's last line (`... flow entries have been shown.`) may
 * be there. What a listing does not tell is undefined, an id that it does not tell 0.
 * @throws ConntrackError CT_BAD_LISTING with the number of the line
 */
export function* parseListing(text: string): Generator<ListedFlow> {
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    if (line.trim() === "" || /^conntrack v[\d.]+ \(conntrack-tools\): /.test(line)) continue;
    yield parseListingLine(line, number);
  }
}

/**
 * One line, in any of the forms.
 * @param number of the line, for messages
 * @throws ConntrackError CT_BAD_LISTING
 */
export function parseListingLine(line: string, number = 1): ListedFlow {
  const words = new Words(line, number);
  const namesFamily = words.flag("ipv4") || words.flag("ipv6");
  if (namesFamily) words.number("address family", 10);
  const protocol = words.take();
  const protocolNumber = words.number("protocol number", 255);
  const timeout = words.isNumber() ? words.number("timeout", 0xffffffff) : 0;
  const state = stateOf(words, protocolNumber);
  const gre = greOf(words);
  const original = directionOf(words, "original");
  const reply = directionOf(words, "reply");
  const rest = restOf(words);

  let status: number = Status.CONFIRMED;
  if (!original.unreplied) status |= Status.SEEN_REPLY;
  if (rest.assured) status |= Status.ASSURED;
  // An id belongs to whoever asks.
  const newId = original.tuple.icmpId !== reply.tuple.icmpId;
  if (newId || isTranslated(original.tuple, reply.tuple)) status |= Status.SRC_NAT;
  if (isTranslated(reply.tuple, original.tuple)) status |= Status.DST_NAT;
  const zoneDirection =
    original.zone !== undefined ? "original" : reply.zone !== undefined ? "reply" : "both";
  const zone = original.zone ?? reply.zone ?? rest.zone;
  return {
    id: rest.id ?? 0,
    family: original.tuple.src.includes(":") ? "ipv6" : "ipv4",
    protocol: protocol === "dccp" ? "unknown" : protocol,
    protocolNumber,
    original: original.tuple,
    reply: reply.tuple,
    state,
    timeout,
    status,
    mark: rest.mark ?? 0,
    zone: zone ?? 0,
    zoneDirection,
    // A listing has their names, which only that machine knows by number.
    labels: [],
    use: useOf(rest.use ?? 1, namesFamily && zone !== undefined),
    counters:
      original.counters && reply.counters
        ? { original: original.counters, reply: reply.counters }
        : undefined,
    tcp: undefined,
    sctp: undefined,
    start: undefined,
    deltaTime: rest.deltaTime,
    gre,
    helper: rest.helper,
  };
}

/** The source of one tuple is not the destination of the other. */
function isTranslated(of: FlowTuple, other: FlowTuple): boolean {
  return of.src !== other.dst || of.sport !== other.dport || of.srckey !== other.dstkey;
}

/**
 * /proc counts its reader, so that nothing has fewer than two users; the tool does not. `full`: the line names the
 * address family and a zone, as those of /proc do, and of the tool's those in zones.
 */
function useOf(printed: number, full: boolean): number {
  return full && printed > 1 ? printed : printed + 1;
}

/** The words of a line, one after the other. */
class Words {
  readonly #words: string[];
  readonly #line: number;
  #next = 0;

  constructor(line: string, number: number) {
    this.#words = line.split(/\s+/).filter((word) => word !== "");
    this.#line = number;
  }

  get done(): boolean {
    return this.#next >= this.#words.length;
  }
  peek(): string {
    return this.#words[this.#next] ?? "";
  }
  take(): string {
    return this.#words[this.#next++] ?? this.fail("more", "the end of the line");
  }
  isNumber(): boolean {
    return /^\d+$/.test(this.peek());
  }
  number(name: string, max: number): number {
    return this.value(name, this.take(), max);
  }
  value(name: string, text: string, max: number): number {
    const value = /^(\d+|0x[0-9a-f]+)$/.test(text) ? Number(text) : Number.NaN;
    if (!(value <= max)) this.fail(`${name}, a whole number from 0 to ${max}`, JSON.stringify(text));
    return value;
  }
  /** The value of the next word, when it is `name=value`; else undefined. */
  option(name: string): string | undefined {
    const word = this.peek();
    if (!word.startsWith(`${name}=`)) return undefined;
    this.#next++;
    return word.slice(name.length + 1);
  }
  flag(name: string): boolean {
    if (this.peek() !== name) return false;
    this.#next++;
    return true;
  }
  fail(expected: string, found: string = JSON.stringify(this.peek())): never {
    throw new ConntrackError("CT_BAD_LISTING", `line ${this.#line}: expected ${expected}, found ${found}`);
  }
}

function stateOf(words: Words, protocol: number): string | undefined {
  const names = protocol === Protocol.TCP ? TcpState : protocol === Protocol.SCTP ? SctpState : undefined;
  if (!names || words.peek().includes("=")) return undefined;
  const state = words.peek();
  // What a number's name would be is no state.
  if (!(state in names) || /^\d/.test(state)) words.fail("the name of a state");
  return words.take();
}

function greOf(words: Words): ListedFlow["gre"] {
  const timeout = words.option("timeout");
  if (timeout === undefined) return undefined;
  const stream = words.option("stream_timeout") ?? words.fail("stream_timeout=");
  return {
    timeout: words.value("timeout", timeout.replace(/,$/, ""), 0xffffffff),
    streamTimeout: words.value("stream_timeout", stream, 0xffffffff),
  };
}

interface Direction {
  readonly tuple: FlowTuple;
  readonly zone: number | undefined;
  readonly counters: FlowCounters | undefined;
  readonly unreplied: boolean;
}

function directionOf(words: Words, direction: "original" | "reply"): Direction {
  const src = address(words, "src");
  const dst = address(words, "dst");
  if (src.includes(":") !== dst.includes(":")) words.fail("two addresses of one family", `${src} and ${dst}`);
  const tuple = { src, dst, ...layer4(words) };
  const zone = optionalNumber(words, direction === "original" ? "zone-orig" : "zone-reply", 0xffff);
  const packets = optionalNumber(words, "packets", Number.MAX_SAFE_INTEGER);
  let counters: FlowCounters | undefined;
  if (packets !== undefined) {
    counters = { packets, bytes: neededNumber(words, "bytes", Number.MAX_SAFE_INTEGER) };
  }
  return { tuple, zone, counters, unreplied: direction === "original" && words.flag("[UNREPLIED]") };
}

function address(words: Words, name: string): string {
  const text = words.option(name) ?? words.fail(`${name}=`);
  if (!ipaddr.isValid(text)) words.fail(`an address in ${name}=`, JSON.stringify(text));
  const parsed = ipaddr.parse(text);
  // Old ways of writing IPv4 are numbers of fewer than four parts: no listing has them.
  if (parsed.kind() === "ipv4" && !ipaddr.IPv4.isValidFourPartDecimal(text)) {
    words.fail(`an address in ${name}=`, JSON.stringify(text));
  }
  return parsed.toString();
}

function layer4(words: Words): Omit<FlowTuple, "src" | "dst"> {
  const sport = optionalNumber(words, "sport", 0xffff);
  if (sport !== undefined) return { sport, dport: neededNumber(words, "dport", 0xffff) };
  const type = optionalNumber(words, "type", 255);
  if (type !== undefined) {
    return { type, code: neededNumber(words, "code", 255), icmpId: neededNumber(words, "id", 0xffff) };
  }
  const srckey = optionalNumber(words, "srckey", 0xffff);
  return srckey === undefined ? {} : { srckey, dstkey: neededNumber(words, "dstkey", 0xffff) };
}

interface Rest {
  assured?: boolean;
  mark?: number;
  zone?: number;
  deltaTime?: number;
  use?: number;
  id?: number;
  helper?: string;
}

/** What stands behind the tuples, in any order: forms and kernel versions differ. */
function restOf(words: Words): Rest {
  const rest: Rest = {};
  while (!words.done) {
    const helper = words.option("helper");
    if (helper !== undefined) rest.helper = helper;
    else if (words.flag("[ASSURED]")) rest.assured = true;
    else if (words.flag("[UNREPLIED]") || words.flag("[OFFLOAD]") || words.flag("[HW_OFFLOAD]")) continue;
    else if (!numberInto(words, rest) && !skipped(words)) {
      words.fail("what may stand behind the tuples of a flow");
    }
  }
  return rest;
}

const NUMBERS = [
  ["mark", "mark"],
  ["zone", "zone"],
  ["delta-time", "deltaTime"],
  ["use", "use"],
  ["id", "id"],
] as const;

function numberInto(words: Words, rest: Rest): boolean {
  for (const [name, key] of NUMBERS) {
    const value = optionalNumber(words, name, name === "zone" ? 0xffff : 0xffffffff);
    if (value === undefined) continue;
    rest[key] = value;
    return true;
  }
  return false;
}

/** Security contexts, labels (names that only that machine knows) and times of day in words are passed over. */
function skipped(words: Words): boolean {
  if (/^(secctx|secmark|labels)=/.test(words.peek())) {
    words.take();
    return true;
  }
  if (!/^\[(start|stop)=/.test(words.peek())) return false;
  while (!words.take().endsWith("]")) if (words.done) words.fail("]");
  return true;
}

function optionalNumber(words: Words, name: string, max: number): number | undefined {
  const text = words.option(name);
  return text === undefined ? undefined : words.value(name, text, max);
}

function neededNumber(words: Words, name: string, max: number): number {
  return optionalNumber(words, name, max) ?? words.fail(`${name}=`);
}
