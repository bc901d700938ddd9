/** IP packets with right lengths and checksums, built field by field and independently of the code under test. */

/** Four bytes for IPv4, sixteen for IPv6. */
export type Address = readonly number[];

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const GRE = 47;
export const ICMPV6 = 58;
export const OSPF = 89;
export const SCTP = 132;
export const UDPLITE = 136;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

/** Sum of big-endian 16-bit words on top of `sum`, not folded. */
function sumWords(bytes: ArrayLike<number>, sum: number): number {
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  return even < bytes.length ? sum + (bytes[even]! << 8) : sum;
}

/** The Internet checksum (RFC 1071) of words summed up. */
function checksum(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** CRC32c, bit by bit (RFC 9260 appendix A). */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Writes the checksum of a whole transport segment, pseudo-header included, at `at`. */
function seal(src: Address, dst: Address, protocol: number, segment: Uint8Array, at: number): Uint8Array {
  const sum = sumWords(src, sumWords(dst, protocol + segment.length));
  const value = checksum(sumWords(segment, sum));
  segment[at] = value >>> 8;
  segment[at + 1] = value & 0xff;
  return segment;
}

function be(value: number, size: 2 | 4): number[] {
  const low = [(value >>> 8) & 0xff, value & 0xff];
  return size === 2 ? low : [value >>> 24, (value >>> 16) & 0xff, ...low];
}

/** The family is that of the addresses. `id`: the IPv4 identification, which nobody looks at. */
export function ipPacket(
  src: Address,
  dst: Address,
  protocol: number,
  payload: ArrayLike<number>,
): Uint8Array {
  const six = src.length === 16;
  const header = six ? 40 : 20;
  const packet = new Uint8Array(header + payload.length);
  if (six) {
    packet.set([0x60, 0, 0, 0, ...be(payload.length, 2), protocol, 64]);
  } else {
    packet.set([0x45, 0, ...be(packet.length, 2), 0, 0, 0x40, 0, 64, protocol]);
  }
  packet.set(src, six ? 8 : 12);
  packet.set(dst, six ? 24 : 16);
  if (!six) packet.set(be(checksum(sumWords(packet.subarray(0, 20), 0)), 2), 10);
  packet.set(payload, header);
  return packet;
}

export interface Segment {
  readonly sport: number;
  readonly dport: number;
  readonly flags: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  /** A multiple of four bytes. */
  readonly options?: readonly number[];
  readonly data?: ArrayLike<number>;
}

export function tcpPacket(src: Address, dst: Address, segment: Segment): Uint8Array {
  const { sport, dport, flags, seq = 0, ack = 0, window = 65535, options = [], data = [] } = segment;
  const bytes = new Uint8Array(20 + options.length + data.length);
  bytes.set([...be(sport, 2), ...be(dport, 2), ...be(seq, 4), ...be(ack, 4)]);
  bytes.set([(5 + options.length / 4) << 4, flags, ...be(window, 2), 0, 0, 0, 0], 12);
  bytes.set(options, 20);
  bytes.set(data, 20 + options.length);
  return ipPacket(src, dst, TCP, seal(src, dst, TCP, bytes, 16));
}

export function udpPacket(
  src: Address,
  dst: Address,
  sport: number,
  dport: number,
  data: ArrayLike<number> = [],
): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  bytes.set([...be(sport, 2), ...be(dport, 2), ...be(bytes.length, 2)]);
  bytes.set(data, 8);
  return ipPacket(src, dst, UDP, seal(src, dst, UDP, bytes, 6));
}

/** An ICMP or, between IPv6 addresses, ICMPv6 message: type, code, checksum, four bytes, then `data`. */
export function icmpPacket(
  src: Address,
  dst: Address,
  type: number,
  code: number,
  word: number,
  data: ArrayLike<number> = [],
): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  bytes.set([type, code, 0, 0, ...be(word, 4)]);
  bytes.set(data, 8);
  if (src.length === 16) return ipPacket(src, dst, ICMPV6, seal(src, dst, ICMPV6, bytes, 2));
  bytes.set(be(checksum(sumWords(bytes, 0)), 2), 2);
  return ipPacket(src, dst, ICMP, bytes);
}

/** Plain GRE around nothing in particular. */
export function grePacket(src: Address, dst: Address): Uint8Array {
  return ipPacket(src, dst, GRE, [0, 0, 0x08, 0x00, 1, 2, 3, 4]);
}

/** Enhanced GRE (RFC 2637), as PPTP sends it to the peer's call id. */
export function pptpPacket(src: Address, dst: Address, callId: number): Uint8Array {
  return ipPacket(src, dst, GRE, [0x20, 0x01, 0x88, 0x0b, 0, 4, ...be(callId, 2), 0xff, 0x03, 0, 0x21]);
}

/** An SCTP packet with one chunk of the given type, long enough for an INIT. */
export function sctpPacket(
  src: Address,
  dst: Address,
  sport: number,
  dport: number,
  chunk: number,
  tag = 0,
): Uint8Array {
  const bytes = new Uint8Array(12 + 20);
  bytes.set([...be(sport, 2), ...be(dport, 2), ...be(tag, 4), 0, 0, 0, 0, chunk, 0, 0, 20]);
  bytes.set([...be(0x1234, 4), ...be(65536, 4), 0, 1, 0, 1, ...be(1, 4)], 16);
  new DataView(bytes.buffer).setUint32(8, crc32c(bytes), true);
  return ipPacket(src, dst, SCTP, bytes);
}

/** UDP-Lite with full coverage, and the checksum that Linux takes for right: UDP's number in the pseudo-header. */
export function udpLitePacket(src: Address, dst: Address, sport: number, dport: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set([...be(sport, 2), ...be(dport, 2), 0, 0, 0, 0, 1, 2, 3, 4]);
  return ipPacket(src, dst, UDPLITE, seal(src, dst, UDP, bytes, 6));
}
