/**
 * Packets that carry a port or an id which the kernel has chosen at random, with ours in its place: those that leave,
 * those that answer them, and ICMP errors that quote either.
 */
import { crc32c, internetChecksum, sumWords } from "../../src/packet/checksum.js";
import { fromHex, toHex } from "./recording.js";
import { canonicalTuple } from "./tuple-text.js";

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const SCTP = 132;
const FRAGMENT = 44;
/** IPv6 extension headers that say how long they are in units of 8 bytes. */
const EXTENSIONS = new Set([0, 43, 60, 135]);
/** Protocols with ports, and where their Internet checksum stands; SCTP has another one. */
const CHECKSUM_AT: Record<number, number> = { [TCP]: 16, [UDP]: 6, 33: 6, 136: 6, [SCTP]: -1 };
const ANSWER: Record<number, number> = { 0: 8, 8: 0, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17 };
const ANSWER6: Record<number, number> = { 128: 129, 129: 128 };
const ERRORS = new Set([3, 4, 5, 11, 12]);
const ERRORS6 = new Set([1, 2, 3, 4]);

/** `choices`: reply tuples of flows as the kernel has them, and as we have them. */
export function rewriteChoices(hex: string, choices: ReadonlyMap<string, string>): string {
  if (choices.size === 0) return hex;
  const packet = fromHex(hex);
  rewrite(packet, choices);
  return toHex(packet);
}

function rewrite(packet: Uint8Array, choices: ReadonlyMap<string, string>): void {
  const found = transportOf(packet);
  if (!found) return;
  const { protocol, src, dst, bytes } = found;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const six = protocol === ICMPV6;
  if (protocol === ICMP || six) {
    const type = view.getUint8(0);
    if ((six ? ERRORS6 : ERRORS).has(type)) return rewriteQuoted(view, bytes, choices);
    const id = view.getUint16(4);
    const text = (from: string, to: string, kind: number | undefined) =>
      canonicalTuple(`${protocol} ${from} ${to} type=${kind} code=${view.getUint8(1)} id=${id}`);
    const answer = (six ? ANSWER6 : ANSWER)[type];
    const ours = choices.get(text(src, dst, type)) ?? choices.get(text(dst, src, answer));
    if (ours !== undefined) replace(view, 4, Number(/\d+$/.exec(ours)![0]), 2);
    return;
  }
  const sum = CHECKSUM_AT[protocol];
  if (sum === undefined) return;
  const [sport, dport] = [view.getUint16(0), view.getUint16(2)];
  const answers = choices.get(canonicalTuple(`${protocol} ${src} ${sport} ${dst} ${dport}`));
  const leaves = choices.get(canonicalTuple(`${protocol} ${dst} ${dport} ${src} ${sport}`));
  const port = Number((answers ?? leaves)?.split(" ")[4]);
  if (Number.isNaN(port)) return;
  const at = answers === undefined ? 0 : 2;
  if (protocol === SCTP) replaceInSctp(view, bytes, at, port);
  else replace(view, at, port, protocol === UDP && isZero(view, sum) ? -1 : sum);
}

/** The quoted packet changes, and with it the checksum of the error around it. */
function rewriteQuoted(view: DataView, bytes: Uint8Array, choices: ReadonlyMap<string, string>): void {
  const quoted = bytes.subarray(8);
  const before = sumWords(quoted);
  rewrite(quoted, choices);
  adjust(view, 2, before, sumWords(quoted));
}

/** `sum`: where the checksum stands, negative for none. */
function replace(view: DataView, at: number, word: number, sum: number): void {
  const before = view.getUint16(at);
  view.setUint16(at, word);
  if (sum >= 0) adjust(view, sum, before, word);
}

/** RFC 1624, equation 3. A packet may be quoted up to before its checksum. */
function adjust(view: DataView, sum: number, before: number, after: number): void {
  if (before === after || sum + 2 > view.byteLength) return;
  const less = internetChecksum(before);
  view.setUint16(sum, internetChecksum((~view.getUint16(sum) & 0xffff) + less + after));
}

function isZero(view: DataView, at: number): boolean {
  return at + 2 <= view.byteLength && view.getUint16(at) === 0;
}

function replaceInSctp(view: DataView, bytes: Uint8Array, at: number, port: number): void {
  const sum = () => {
    const copy = bytes.slice();
    copy.fill(0, 8, 12);
    return crc32c(copy);
  };
  const held = bytes.length >= 12 && view.getUint32(8, true) === sum();
  view.setUint16(at, port);
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
  if (!six) {
    if (view.getUint16(6) & 0x1fff) return undefined;
    const bytes = packet.subarray((packet[0]! & 15) * 4, view.getUint16(2));
    const address = (at: number) => packet.subarray(at, at + 4).join(".");
    return bytes.length < 8 ? undefined : { protocol: packet[9]!, src: address(12), dst: address(16), bytes };
  }
  let protocol = packet[6]!;
  let at = 40;
  while (at + 8 <= packet.length && (protocol === FRAGMENT || EXTENSIONS.has(protocol))) {
    if (protocol === FRAGMENT && view.getUint16(at + 2) & 0xfff8) return undefined;
    const length = protocol === FRAGMENT ? 8 : (packet[at + 1]! + 1) * 8;
    protocol = packet[at]!;
    at += length;
  }
  const address = (from: number) =>
    Array.from({ length: 8 }, (_, i) => view.getUint16(from + 2 * i).toString(16)).join(":");
  const bytes = packet.subarray(at, 40 + view.getUint16(4));
  return bytes.length < 8 ? undefined : { protocol, src: address(8), dst: address(24), bytes };
}
