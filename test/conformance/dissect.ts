/** Just enough of a packet dissector to say in one line what a packet is, and where it is headed. */

export interface Dissected {
  protocol: number;
  src: string;
  dst: string;
  /** Absent in later fragments and where the packet ends early. */
  dport?: number;
  summary: string;
}

export const NAMES: Record<number, string> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  33: "dccp",
  47: "gre",
  50: "esp",
  51: "ah",
  58: "icmpv6",
  132: "sctp",
  136: "udplite",
};
const WITH_PORTS = new Set([6, 17, 33, 132, 136]);
const TCP_FLAGS = "FSRPAUEC";
const SCTP_CHUNKS = [
  "DATA",
  "INIT",
  "INIT_ACK",
  "SACK",
  "HEARTBEAT",
  "HEARTBEAT_ACK",
  "ABORT",
  "SHUTDOWN",
  "SHUTDOWN_ACK",
  "ERROR",
  "COOKIE_ECHO",
  "COOKIE_ACK",
  "ECNE",
  "CWR",
  "SHUTDOWN_COMPLETE",
];
/** IPv6 extension headers that carry "next header, length in 8-byte units" up front. */
const EXTENSIONS = new Set([0, 43, 60, 135]);
const FRAGMENT = 44;

export function dissect(packet: Uint8Array): Dissected {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  try {
    const version = view.getUint8(0) >> 4;
    if (version === 4) return dissectIpv4(view);
    if (version === 6) return dissectIpv6(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return { protocol: -1, src: "", dst: "", summary: `${packet.length} bytes that are no IP packet` };
}

function dissectIpv4(view: DataView): Dissected {
  const start = (view.getUint8(0) & 15) * 4;
  const fragment = view.getUint16(6);
  const end = Math.min(view.getUint16(2), view.byteLength);
  const tag = fragment & 0x3fff ? fragmentTag((fragment & 0x1fff) * 8, (fragment & 0x2000) !== 0) : "";
  const address = (at: number) =>
    `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}`;
  const later = (fragment & 0x1fff) !== 0;
  return describe(view, view.getUint8(9), address(12), address(16), start, end, later, tag);
}

function dissectIpv6(view: DataView): Dissected {
  const address = (at: number) => {
    const words: string[] = [];
    for (let i = 0; i < 8; i++) words.push(view.getUint16(at + 2 * i).toString(16));
    return words.join(":").replace(/(?:^|:)0(?::0)+(?::|$)/, "::");
  };
  let next = view.getUint8(6);
  let at = 40;
  let later = false;
  let tag = "";
  const src = address(8);
  const dst = address(24);
  const end = Math.min(40 + view.getUint16(4), view.byteLength);
  while (!later && at + 8 <= end) {
    if (next === FRAGMENT) {
      const offset = view.getUint16(at + 2);
      later = (offset & 0xfff8) !== 0;
      tag = fragmentTag(offset & 0xfff8, (offset & 1) !== 0);
      next = view.getUint8(at);
      at += 8;
    } else if (EXTENSIONS.has(next)) {
      next = view.getUint8(at);
      at += (view.getUint8(at + 1) + 1) * 8;
    } else break;
  }
  return describe(view, next, src, dst, at, end, later, tag);
}

function fragmentTag(offset: number, more: boolean): string {
  return ` frag ${offset}${more ? "+" : ""}`;
}

function describe(
  view: DataView,
  protocol: number,
  src: string,
  dst: string,
  at: number,
  end: number,
  laterFragment: boolean,
  tag: string,
): Dissected {
  const name = NAMES[protocol] ?? `proto ${protocol}`;
  const found: Dissected = { protocol, src, dst, summary: "" };
  const plain = `${name} ${src} > ${dst}`;
  if (laterFragment || at + 4 > view.byteLength) {
    found.summary = `${plain} len=${Math.max(0, end - at)}${tag}`;
    return found;
  }
  if (WITH_PORTS.has(protocol)) {
    const sport = view.getUint16(at);
    found.dport = view.getUint16(at + 2);
    found.summary = `${name} ${endpoint(src, sport)} > ${endpoint(dst, found.dport)}${detail(view, protocol, at, end)}${tag}`;
  } else if (protocol === 1 || protocol === 58) {
    found.summary = `${plain} type=${view.getUint8(at)} code=${view.getUint8(at + 1)}${detail(view, protocol, at, end)}${tag}`;
  } else {
    found.summary = `${plain} len=${Math.max(0, end - at)}${tag}`;
  }
  return found;
}

function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function detail(view: DataView, protocol: number, at: number, end: number): string {
  if (protocol === 6 && at + 20 <= view.byteLength) {
    const flags = view.getUint8(at + 13);
    const names = [..."SAFRPUEC"].filter((letter) => flags & (1 << TCP_FLAGS.indexOf(letter))).join("");
    const length = end - at - (view.getUint8(at + 12) >> 4) * 4;
    return ` [${names}] seq=${view.getUint32(at + 4)} ack=${view.getUint32(at + 8)} win=${view.getUint16(at + 14)} len=${length}`;
  }
  if (protocol === 132 && at + 13 <= view.byteLength) {
    const type = view.getUint8(at + 12);
    return ` vtag=${view.getUint32(at + 4).toString(16)} ${SCTP_CHUNKS[type] ?? `chunk ${type}`}`;
  }
  if ((protocol === 1 || protocol === 58) && at + 8 <= view.byteLength) {
    return ` id=${view.getUint16(at + 4)} seq=${view.getUint16(at + 6)}`;
  }
  return ` len=${Math.max(0, end - at - 8)}`;
}
