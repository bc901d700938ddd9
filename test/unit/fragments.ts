/** Builders of datagrams and fragments for tests. */

export const CLIENT = [10, 1, 0, 2];
export const SERVER = [203, 0, 113, 10];
const CLIENT6 = [0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
const SERVER6 = [0x20, 1, 0xd, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10];
export const UDP = 17;

export function checksum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let i = 0; i < bytes.length; i++) sum += i & 1 ? bytes[i]! : bytes[i]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** A UDP segment of `length` bytes without a checksum. */
export function udpSegment(length: number, sport = 4000, dport = 53): Uint8Array {
  const segment = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
  new DataView(segment.buffer).setUint32(0, (sport << 16) | dport);
  new DataView(segment.buffer).setUint32(4, length << 16);
  return segment;
}

export interface Piece {
  payload: Uint8Array;
  from?: number;
  to?: number;
  more?: boolean;
  id?: number;
  protocol?: number;
  options?: readonly number[];
  dontFragment?: boolean;
  tos?: number;
  source?: readonly number[];
}

/** Bytes from..to-1 of a payload as an IPv4 packet. */
export function ipv4(piece: Piece): Uint8Array {
  const { payload, from = 0, to = payload.length, id = 1, protocol = UDP, options = [] } = piece;
  const header = 20 + options.length;
  const packet = new Uint8Array(header + to - from);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x40 | (header >> 2));
  view.setUint8(1, piece.tos ?? 0);
  view.setUint16(2, packet.length);
  view.setUint16(4, id);
  const more = piece.more ?? to < payload.length;
  view.setUint16(6, (from >> 3) | (more ? 0x2000 : 0) | (piece.dontFragment ? 0x4000 : 0));
  view.setUint8(8, 64);
  view.setUint8(9, protocol);
  packet.set(piece.source ?? CLIENT, 12);
  packet.set(SERVER, 16);
  packet.set(options, 20);
  view.setUint16(10, ~checksum(packet.subarray(0, header)) & 0xffff);
  packet.set(payload.subarray(from, to), header);
  return packet;
}

/** The same as an IPv6 packet, with a fragment header behind `headers` (whose announcer is `first`). */
export function ipv6Fragment(piece: Piece, headers: readonly number[] = [], first = 44): Uint8Array {
  const { payload, from = 0, to = payload.length, id = 1, protocol = UDP } = piece;
  const at = 40 + headers.length;
  const packet = new Uint8Array(at + 8 + to - from);
  const view = new DataView(packet.buffer);
  view.setUint32(0, 0x60000000 | ((piece.tos ?? 0) << 20));
  view.setUint16(4, packet.length - 40);
  view.setUint8(6, first);
  view.setUint8(7, 64);
  packet.set(CLIENT6, 8);
  packet.set(SERVER6, 24);
  packet.set(headers, 40);
  view.setUint8(at, protocol);
  view.setUint16(at + 2, from | ((piece.more ?? to < payload.length) ? 1 : 0));
  view.setUint32(at + 4, id);
  packet.set(payload.subarray(from, to), at + 8);
  return packet;
}

/** A whole IPv6 packet. */
export function ipv6(payload: Uint8Array, protocol = UDP): Uint8Array {
  const fragment = ipv6Fragment({ payload, protocol });
  const packet = new Uint8Array(40 + payload.length);
  packet.set(fragment.subarray(0, 40));
  packet.set(payload, 40);
  new DataView(packet.buffer).setUint16(4, payload.length);
  packet[6] = protocol;
  return packet;
}

/** Cuts a payload at multiples of eight: [from, to] pairs. */
export function ranges(length: number, cuts: readonly number[]): [number, number][] {
  const inside = [...new Set(cuts.map((cut) => cut & ~7))].filter((cut) => cut > 0 && cut < length);
  const bounds = [0, ...inside.sort((a, b) => a - b), length];
  return bounds.slice(1).map((to, i) => [bounds[i]!, to]);
}
