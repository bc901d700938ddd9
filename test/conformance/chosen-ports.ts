/**
 * Ports and ids that the kernel has chosen at random, with ours in their place: in tuples, in packets that leave and
 * that answer them, and in ICMP errors that quote either.
 */
import { crc32c, internetChecksum, sumWords } from "../../src/packet/checksum.js";
import { fromHex, toHex } from "./recording.js";
import { canonicalTuple } from "./tuple-text.js";

const ICMP = 1;
const UDP = 17;
const ICMPV6 = 58;
const SCTP = 132;
const FRAGMENT = 44;
const AH = 51;
/** IPv6 headers that Linux looks behind; a fragment header has a zero where others have their length. */
const EXTENSIONS = new Set([0, 43, FRAGMENT, AH, 60]);
/** Protocols with ports, and where their Internet checksum stands; SCTP has another one. */
const CHECKSUM_AT: Record<number, number> = { 6: 16, [UDP]: 6, 33: 6, 136: 6, [SCTP]: 8 };
const ERRORS: Record<number, readonly number[]> = { [ICMP]: [3, 4, 5, 11, 12], [ICMPV6]: [1, 2, 3, 4] };

/** `PROTO SRC SPORT DST DPORT`, or of ICMP `PROTO SRC DST type=T code=C id=I`. */
const WITH_PORTS = /^(\d+) (\S+) (\d+) (\S+) (\d+)$/;
const WITH_ID = /^(\d+) (\S+) (\S+) (type=\d+ code=\d+) id=(\d+)$/;

/** What the kernel has chosen, and what we have. */
export class Choices {
  /** Reply tuples of flows. */
  readonly #tuples = new Map<string, string>();
  /** `PROTO ADDRESS PORT`, where the two differ. */
  readonly #ends = new Map<string, string>();

  /** Whether anything has been chosen otherwise. */
  get differ(): boolean {
    return this.#ends.size > 0;
  }

  add(kernel: string, ours: string): void {
    this.#tuples.set(kernel, ours);
    if (kernel === ours) return;
    const [theirs, own] = [partsOf(kernel), partsOf(ours)];
    this.#ends.set(`${theirs[0]} ${theirs[3]} ${theirs[4]}`, own[4]!);
  }

  /** A tuple of the kernel's as it is with us. */
  tuple(text: string): string {
    if (!this.differ) return text;
    const kernel = canonicalTuple(text);
    const known = this.#tuples.get(kernel);
    if (known !== undefined) return known;
    const inverted = this.#tuples.get(inverse(kernel));
    if (inverted !== undefined) return inverse(inverted);
    const [protocol, from, sport, to, dport] = partsOf(kernel);
    const own = (address?: string, port?: string) => this.#ends.get(`${protocol} ${address} ${port}`);
    const id = WITH_ID.test(kernel) ? (own(from, sport) ?? own(to, dport)) : undefined;
    if (id !== undefined) return kernel.replace(/\d+$/, id);
    if (!WITH_PORTS.test(kernel)) return text;
    return [protocol, from, own(from, sport) ?? sport, to, own(to, dport) ?? dport].join(" ");
  }
}

/** Protocol, then address and port of both ends; an id stands at both. */
function partsOf(tuple: string): string[] {
  const id = WITH_ID.exec(tuple);
  return id ? [id[1]!, id[2]!, id[5]!, id[3]!, id[5]!] : tuple.split(" ");
}

const PAIRS = new Map([8, 0, 13, 14, 15, 16, 17, 18, 128, 129].map((type, i, all) => [type, all[i ^ 1]!]));

function inverse(tuple: string): string {
  const id = WITH_ID.exec(tuple);
  if (id) {
    const kind = id[4]!.replace(/\d+/, (type) => String(PAIRS.get(Number(type)) ?? type));
    return `${id[1]} ${id[3]} ${id[2]} ${kind} id=${id[5]}`;
  }
  const [protocol, from, sport, to, dport] = tuple.split(" ");
  return WITH_PORTS.test(tuple) ? [protocol, to, dport, from, sport].join(" ") : tuple;
}

/** A packet of the kernel's as it is with us. */
export function rewriteChoices(hex: string, choices: Choices): string {
  if (!choices.differ) return hex;
  const packet = fromHex(hex);
  rewrite(packet, choices);
  return toHex(packet);
}

function rewrite(packet: Uint8Array, choices: Choices): void {
  const found = transportOf(packet);
  if (!found) return;
  const { protocol, src, dst, bytes } = found;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (protocol === ICMP || protocol === ICMPV6) {
    if (ERRORS[protocol]!.includes(view.getUint8(0))) {
      rewriteQuoted(view, bytes, choices);
      return;
    }
    const kind = `type=${view.getUint8(0)} code=${view.getUint8(1)}`;
    const ours = choices.tuple(`${protocol} ${src} ${dst} ${kind} id=${view.getUint16(4)}`);
    replace(view, 4, Number(partsOf(ours)[2]), 2);
    return;
  }
  const sum = CHECKSUM_AT[protocol];
  if (sum === undefined) return;
  const [sport, dport] = [view.getUint16(0), view.getUint16(2)];
  const ours = partsOf(choices.tuple(`${protocol} ${src} ${sport} ${dst} ${dport}`));
  const ports = [Number(ours[2]), Number(ours[4])] as const;
  if (ports[0] === sport && ports[1] === dport) return;
  if (protocol === SCTP) {
    replaceInSctp(view, bytes, ports);
    return;
  }
  // A UDP checksum of zero is none.
  const none = protocol === UDP && (sum + 2 > bytes.length || view.getUint16(sum) === 0);
  for (const i of [0, 1] as const) replace(view, 2 * i, ports[i], none ? undefined : sum);
}

/** The quoted packet changes, and with it the checksum of the error around it. */
function rewriteQuoted(view: DataView, bytes: Uint8Array, choices: Choices): void {
  const quoted = bytes.subarray(8);
  const before = sumWords(quoted);
  rewrite(quoted, choices);
  adjust(view, 2, before, sumWords(quoted));
}

function replace(view: DataView, at: number, word: number, sum: number | undefined): void {
  const before = view.getUint16(at);
  view.setUint16(at, word);
  if (sum !== undefined) adjust(view, sum, before, word);
}

/** RFC 1624, equation 3. A packet may be quoted up to before its checksum. */
function adjust(view: DataView, sum: number, before: number, after: number): void {
  if (before === after || sum + 2 > view.byteLength) return;
  view.setUint16(sum, internetChecksum((~view.getUint16(sum) & 0xffff) + internetChecksum(before) + after));
}

function replaceInSctp(view: DataView, bytes: Uint8Array, ports: readonly [number, number]): void {
  const sum = () => {
    const copy = bytes.slice();
    copy.fill(0, 8, 12);
    return crc32c(copy);
  };
  const held = bytes.length >= 12 && view.getUint32(8, true) === sum();
  view.setUint16(0, ports[0]);
  view.setUint16(2, ports[1]);
  if (held) view.setUint32(8, sum(), true);
}

interface Transport {
  protocol: number;
  src: string;
  dst: string;
  bytes: Uint8Array;
}

/** Undefined for later fragments and what ends before its ports. */
function transportOf(packet: Uint8Array): Transport | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const six = (packet[0] ?? 0) >> 4 === 6;
  if (packet.length < (six ? 40 : 20)) return undefined;
  return six ? transportOf6(packet, view) : transportOf4(packet, view);
}

function transportOf4(packet: Uint8Array, view: DataView): Transport | undefined {
  if (view.getUint16(6) & 0x1fff) return undefined;
  const bytes = packet.subarray((packet[0]! & 15) * 4, view.getUint16(2));
  if (bytes.length < 8) return undefined;
  const address = (at: number) => packet.subarray(at, at + 4).join(".");
  return { protocol: packet[9]!, src: address(12), dst: address(16), bytes };
}

function transportOf6(packet: Uint8Array, view: DataView): Transport | undefined {
  let protocol = packet[6]!;
  let at = 40;
  while (at + 8 <= packet.length && EXTENSIONS.has(protocol)) {
    if (protocol === FRAGMENT && view.getUint16(at + 2) & 0xfff8) return undefined;
    const length = protocol === AH ? (packet[at + 1]! + 2) * 4 : (packet[at + 1]! + 1) * 8;
    protocol = packet[at]!;
    at += length;
  }
  const bytes = packet.subarray(at, 40 + view.getUint16(4));
  if (bytes.length < 8) return undefined;
  const address = (from: number) =>
    Array.from({ length: 8 }, (_, i) => view.getUint16(from + 2 * i).toString(16)).join(":");
  return { protocol, src: address(8), dst: address(24), bytes };
}
