/**
 * The filter line over the table. Words joined by spaces, all of which have to hold: `tcp`, `ESTABLISHED`, `assured`,
 * `unreplied`, `ipv6`; `src=10.0.0.0/8`, `dport=443`, `mark=1` and so on; any other word has to be in the printed line.
 */
import type { FlowFilter } from "../index.js";

export interface Query {
  readonly filter: FlowFilter;
  /** Lower case. */
  readonly words: readonly string[];
}

const TCP_STATES = [
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
] as const;
const PROTOCOLS = ["tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "udplite"];
const NUMBERS = ["sport", "dport", "replySport", "replyDport", "mark", "zone"] as const;
const ADDRESSES = ["src", "dst", "replySrc", "replyDst"] as const;

const PLAIN: ReadonlyMap<string, FlowFilter> = new Map<string, FlowFilter>([
  ["ipv4", { family: "ipv4" }],
  ["ipv6", { family: "ipv6" }],
  ["assured", { assured: true }],
  ["[assured]", { assured: true }],
  ["unreplied", { seenReply: false }],
  ["[unreplied]", { seenReply: false }],
  ["replied", { seenReply: true }],
  ...PROTOCOLS.map((protocol) => [protocol, { protocol }] as [string, FlowFilter]),
  ...TCP_STATES.map((state) => [state.toLowerCase(), { state }] as [string, FlowFilter]),
] satisfies [string, FlowFilter][]);

/** @throws Error with the words for the reader */
export function parseQuery(text: string): Query {
  let filter: FlowFilter = {};
  const words: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (word === "") continue;
    const plain = PLAIN.get(word.toLowerCase());
    const [key = "", value] = word.split(/=(.*)/);
    const name = key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (plain) filter = { ...filter, ...plain };
    else if (value === undefined) words.push(word.toLowerCase());
    else if (ADDRESSES.includes(name as "src")) filter = { ...filter, [name]: value };
    else if (NUMBERS.includes(name as "mark")) filter = { ...filter, [name]: numberOf(word, value) };
    else words.push(word.toLowerCase());
  }
  return { filter, words };
}

function numberOf(word: string, value: string): number {
  const number = Number(value);
  if (value !== "" && Number.isInteger(number) && number >= 0) return number;
  throw new Error(`${word}: a whole number is missing behind =`);
}
