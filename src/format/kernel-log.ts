/** A packet as Linux's kernel log describes it: what `-j LOG` and nf_conntrack_log_invalid print. */
import { ExtensionHeader, Protocol } from "../../assembly/shared/protocol.js";
import { expandAddress, ipv4Text, ipv6Text } from "../address.js";

/**
 * What to tell beside the headers: `--log-tcp-sequence`, `--log-tcp-options`, `--log-ip-options`, `--log-macdecode`,
 * `--log-uid`.
 */
export interface LogDetail {
  readonly tcpSequence?: boolean;
  readonly tcpOptions?: boolean;
  readonly ipOptions?: boolean;
  readonly macDecode?: boolean;
  /** Tells of the `owner`. */
  readonly uid?: boolean;
}

export interface LogContext extends LogDetail {
  /** Devices by which the packet came and by which it leaves. */
  readonly in?: string;
  readonly out?: string;
  /** Link-layer header that it came with, 14 bytes from Ethernet; only told beside `in`. */
  readonly mac?: Uint8Array;
  /** The packet's mark; 0 is not told. */
  readonly mark?: number;
  /** User and group of the process that sends the packet, if it is one of this machine's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** `packet`: from its IP header on. The text has no end of line, and as in Linux a blank at its end. */
export function kernelLogLine(prefix: string, packet: Uint8Array, context: LogContext = {}): string {
  const link = context.in === undefined ? "" : linkText(context.mac, context.macDecode ?? false);
  const bytes = new Bytes(packet);
  const network =
    packet[0] !== undefined && packet[0] >>> 4 === 6
      ? ipv6(bytes, 0, context, endText(context))
      : ipv4(bytes, 0, context, endText(context));
  return `${prefix}IN=${context.in ?? ""} OUT=${context.out ?? ""} ${link}${network}`;
}

/** Reads beyond the end are asked for beforehand, with has(). */
class Bytes {
  readonly all: Uint8Array;
  readonly #view: DataView;

  constructor(all: Uint8Array) {
    this.all = all;
    this.#view = new DataView(all.buffer, all.byteOffset, all.length);
  }
  has(at: number, length: number): boolean {
    return at + length <= this.all.length;
  }
  u8(at: number): number {
    return this.#view.getUint8(at);
  }
  u16(at: number): number {
    return this.#view.getUint16(at);
  }
  u32(at: number): number {
    return this.#view.getUint32(at);
  }
  /** How many bytes there are from `at` on, said of a header that has too few. */
  incomplete(at: number): string {
    return `INCOMPLETE [${Math.max(0, this.all.length - at)} bytes] `;
  }
  hex(from: number, to: number): string {
    return Array.from(this.all.subarray(from, to), byteText).join("").toUpperCase();
  }
}

const byteText = (byte: number) => byte.toString(16).padStart(2, "0");
const hex2 = (n: number) => `0x${byteText(n).toUpperCase()}`;

function linkText(mac: Uint8Array | undefined, decode: boolean): string {
  const bytes = Array.from(mac ?? [], byteText);
  if (!decode || bytes.length !== 14) return `MAC=${bytes.join(":")} `;
  const [to, from] = [bytes.slice(0, 6), bytes.slice(6, 12)];
  return `MACSRC=${from.join(":")} MACDST=${to.join(":")} MACPROTO=${bytes.slice(12).join("")} `;
}

/** What does not stand in the packet. */
function endText({ uid, owner, mark }: LogContext): string {
  const user = uid && owner ? `UID=${owner.uid} GID=${owner.gid} ` : "";
  return mark ? `${user}MARK=0x${mark.toString(16)} ` : user;
}

/** A part of the text, and whether Linux goes on to tell of the packet's owner and mark. */
interface Part {
  readonly text: string;
  readonly ends: boolean;
}

const more = (text: string): Part => ({ text, ends: false });
const end = (text: string): Part => ({ text, ends: true });

/** `base`: where the header lies; not 0 for a packet quoted in an ICMP error, which has neither owner nor mark. */
function ipv4(p: Bytes, base: number, detail: LogDetail, last: string): string {
  if (!p.has(base, 20)) return "TRUNCATED";
  const tos = p.u8(base + 1);
  const fragment = p.u16(base + 6);
  const offset = fragment & 0x1fff;
  let text = `SRC=${ipv4Text(p.all, base + 12)} DST=${ipv4Text(p.all, base + 16)} `;
  text += `LEN=${p.u16(base + 2)} TOS=${hex2(tos & 0x1e)} PREC=${hex2(tos & 0xe0)} `;
  text += `TTL=${p.u8(base + 8)} ID=${p.u16(base + 4)} `;
  if (fragment & 0x8000) text += "CE ";
  if (fragment & 0x4000) text += "DF ";
  if (fragment & 0x2000) text += "MF ";
  if (offset) text += `FRAG:${offset} `;
  const at = base + (p.u8(base) & 15) * 4;
  if (detail.ipOptions && at > base + 20) {
    if (!p.has(base, at - base)) return `${text}TRUNCATED`;
    text += `OPT (${p.hex(base + 20, at)}) `;
  }
  const { text: transport, ends } = transport4(p, base, at, offset !== 0, detail);
  return text + transport + (ends || base ? "" : last);
}

function transport4(p: Bytes, base: number, at: number, fragment: boolean, detail: LogDetail): Part {
  const protocol = p.u8(base + 9);
  switch (protocol) {
    case Protocol.TCP:
      return tcp(p, at, fragment, detail);
    case Protocol.UDP:
    case Protocol.UDPLITE:
      return udp(p, at, fragment, protocol);
    case Protocol.ICMP:
      return more(`PROTO=ICMP ${fragment ? "" : icmp(p, base, at, detail)}`);
    case Protocol.AH:
      return more(`PROTO=AH ${securityIndex(p, at, fragment, 12, 4)}`);
    case Protocol.ESP:
      return more(`PROTO=ESP ${securityIndex(p, at, fragment, 8, 0)}`);
    default:
      return more(`PROTO=${protocol} `);
  }
}

function securityIndex(p: Bytes, at: number, fragment: boolean, length: number, offset: number): string {
  if (fragment) return "";
  return p.has(at, length) ? `SPI=0x${p.u32(at + offset).toString(16)} ` : p.incomplete(at);
}

/** In the order in which Linux tells of them: bits of the word of data offset and flags. */
const FLAGS = [
  [0x100, "AE"],
  [0x80, "CWR"],
  [0x40, "ECE"],
  [0x20, "URG"],
  [0x10, "ACK"],
  [0x08, "PSH"],
  [0x04, "RST"],
  [0x02, "SYN"],
  [0x01, "FIN"],
] as const;

function tcp(p: Bytes, at: number, fragment: boolean, detail: LogDetail): Part {
  if (fragment) return more("PROTO=TCP ");
  if (!p.has(at, 20)) return end(`PROTO=TCP ${p.incomplete(at)}`);
  const flags = p.u16(at + 12);
  let text = `PROTO=TCP SPT=${p.u16(at)} DPT=${p.u16(at + 2)} `;
  if (detail.tcpSequence) text += `SEQ=${p.u32(at + 4)} ACK=${p.u32(at + 8)} `;
  text += `WINDOW=${p.u16(at + 14)} RES=0x${byteText((flags & 0xe00) >>> 6)} `;
  for (const [bit, name] of FLAGS) if (flags & bit) text += `${name} `;
  text += `URGP=${p.u16(at + 18)} `;
  const header = (flags >>> 12) * 4;
  if (!detail.tcpOptions || header <= 20) return more(text);
  if (!p.has(at, header)) return end(`${text}OPT (TRUNCATED)`);
  return more(`${text}OPT (${p.hex(at + 20, at + header)}) `);
}

function udp(p: Bytes, at: number, fragment: boolean, protocol: number): Part {
  const text = `PROTO=${protocol === Protocol.UDP ? "UDP" : "UDPLITE"} `;
  if (fragment) return more(text);
  if (!p.has(at, 8)) return end(text + p.incomplete(at));
  return more(`${text}SPT=${p.u16(at)} DPT=${p.u16(at + 2)} LEN=${p.u16(at + 4)} `);
}

/** Bytes that a message must have for its details to be told, by type. */
const ICMP_NEEDS: Readonly<Record<number, number>> = {
  0: 4,
  3: 28,
  4: 28,
  5: 28,
  8: 4,
  11: 28,
  12: 28,
  13: 20,
  14: 20,
  17: 12,
  18: 12,
};

function icmp(p: Bytes, base: number, at: number, detail: LogDetail): string {
  if (!p.has(at, 8)) return p.incomplete(at);
  const [type, code] = [p.u8(at), p.u8(at + 1)];
  let text = `TYPE=${type} CODE=${code} `;
  if (!p.has(at, ICMP_NEEDS[type] ?? 0)) return text + p.incomplete(at);
  if (type === 0 || type === 8) return `${text}ID=${p.u16(at + 4)} SEQ=${p.u16(at + 6)} `;
  if (type === 12) return `${text}PARAMETER=${p.u8(at + 4)} `;
  if (type === 5) text += `GATEWAY=${ipv4Text(p.all, at + 4)} `;
  if (type !== 3 && type !== 4 && type !== 5 && type !== 11) return text;
  if (!base) text += `[${ipv4(p, at + 8, detail, "")}] `;
  return type === 3 && code === 4 ? `${text}MTU=${p.u16(at + 6)} ` : text;
}

function ipv6(p: Bytes, base: number, detail: LogDetail, last: string): string {
  if (!p.has(base, 40)) return "TRUNCATED";
  const address = (at: number) => expandAddress(ipv6Text(p.all, at));
  const first = p.u32(base);
  let text = `SRC=${address(base + 8)} DST=${address(base + 24)} LEN=${p.u16(base + 4) + 40} `;
  text += `TC=${(first >>> 20) & 0xff} HOPLIMIT=${p.u8(base + 7)} FLOWLBL=${first & 0xfffff} `;
  let next = p.u8(base + 6);
  let at = base + 40;
  let fragment = false;
  while (isExtension(next)) {
    if (!p.has(at, 2)) return `${text}TRUNCATED`;
    const header = extension(p, at, next, fragment, detail.ipOptions ?? false);
    text += header.text;
    if (header.ends) return text;
    fragment ||= header.fragment;
    next = p.u8(at);
    at += header.length;
  }
  const { text: transport, ends } = transport6(p, base, at, next, fragment, detail);
  return text + transport + (ends || base ? "" : last);
}

function isExtension(next: number): boolean {
  switch (next) {
    case ExtensionHeader.HOP_BY_HOP:
    case ExtensionHeader.ROUTING:
    case ExtensionHeader.FRAGMENT:
    case ExtensionHeader.DESTINATION:
    case Protocol.ESP:
    case Protocol.AH:
      return true;
    default:
      return false;
  }
}

interface Extension extends Part {
  readonly length: number;
  readonly fragment: boolean;
}

/** Linux opens brackets around each header, whether it says something of it or not. */
function extension(p: Bytes, at: number, kind: number, fragment: boolean, told: boolean): Extension {
  const open = told ? "OPT ( " : "";
  const close = told ? ") " : "";
  const stop = (text: string): Extension => ({ text, ends: true, length: 0, fragment });
  const on = (text: string, length: number, is = false): Extension => {
    return { text: open + text + close, ends: false, length, fragment: is };
  };
  if (kind === ExtensionHeader.FRAGMENT) {
    if (!p.has(at, 8)) return stop(`${open}FRAG:TRUNCATED `);
    const word = p.u16(at + 2);
    const id = p
      .u32(at + 4)
      .toString(16)
      .padStart(8, "0");
    return on(`FRAG:${word & 0xfff8} ${word & 1 ? "INCOMPLETE " : ""}ID:${id} `, 8, (word & 0xfff8) !== 0);
  }
  const [units, name] = [p.u8(at + 1), kind === Protocol.AH ? "AH " : kind === Protocol.ESP ? "ESP " : ""];
  if (fragment) return stop(told ? `${open}${name})` : "");
  if (kind === Protocol.ESP) {
    if (!told) return stop("");
    if (!p.has(at, 8)) return stop(`${open}ESP ${p.incomplete(at)})`);
    return stop(`${open}ESP SPI=0x${p.u32(at).toString(16)} )`);
  }
  if (kind === Protocol.AH) {
    const length = (units + 2) * 4;
    if (!told) return on("", length);
    if (!p.has(at, 12)) return stop(`${open}AH ${p.incomplete(at)})`);
    return on(`AH SPI=0x${p.u32(at + 4).toString(16)} `, length);
  }
  return on("", (units + 1) * 8);
}

function transport6(
  p: Bytes,
  base: number,
  at: number,
  protocol: number,
  fragment: boolean,
  detail: LogDetail,
): Part {
  switch (protocol) {
    case Protocol.TCP:
      return tcp(p, at, fragment, detail);
    case Protocol.UDP:
    case Protocol.UDPLITE:
      return udp(p, at, fragment, protocol);
    case Protocol.ICMPV6:
      return icmpv6(p, base, at, fragment, detail);
    default:
      return more(`PROTO=${protocol} `);
  }
}

function icmpv6(p: Bytes, base: number, at: number, fragment: boolean, detail: LogDetail): Part {
  if (fragment) return more("PROTO=ICMPv6 ");
  if (!p.has(at, 8)) return end(`PROTO=ICMPv6 ${p.incomplete(at)}`);
  const type = p.u8(at);
  let text = `PROTO=ICMPv6 TYPE=${type} CODE=${p.u8(at + 1)} `;
  if (type === 128 || type === 129) return more(`${text}ID=${p.u16(at + 4)} SEQ=${p.u16(at + 6)} `);
  if (type < 1 || type > 4) return more(text);
  if (type === 4)
    text += `POINTER=${p
      .u32(at + 4)
      .toString(16)
      .padStart(8, "0")} `;
  if (!base) text += `[${ipv6(p, at + 8, detail, "")}] `;
  return more(type === 2 ? `${text}MTU=${p.u32(at + 4)} ` : text);
}
