/** Packets for tests of helpers. Checksums are left out: the tests switch their verification off. */
import ipaddr from "ipaddr.js";

export const CLIENT = "10.1.0.2";
export const SERVER = "203.0.113.10";
export const CLIENT6 = "2001:db8:1::2";
export const SERVER6 = "2001:db8:2::10";

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

export interface Ends {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function ip(src: string, dst: string, protocol: number, body: Uint8Array): Uint8Array {
  const source = ipaddr.parse(src).toByteArray();
  const destination = ipaddr.parse(dst).toByteArray();
  const six = source.length === 16;
  const packet = new Uint8Array((six ? 40 : 20) + body.length);
  const view = new DataView(packet.buffer);
  if (six) {
    view.setUint32(0, 0x60000000);
    view.setUint16(4, body.length);
    packet.set([protocol, 64], 6);
    packet.set([...source, ...destination], 8);
  } else {
    view.setUint16(0, 0x4500);
    view.setUint16(2, packet.length);
    packet.set([64, protocol], 8);
    packet.set([...source, ...destination], 12);
    let sum = 0;
    for (let i = 0; i < 20; i += 2) sum += view.getUint16(i);
    view.setUint16(10, ~((sum & 0xffff) + (sum >>> 16)));
  }
  packet.set(body, packet.length - body.length);
  return packet;
}

export function udp({ src, dst, sport, dport }: Ends, payload: Uint8Array): Uint8Array {
  const body = new Uint8Array(8 + payload.length);
  const view = new DataView(body.buffer);
  view.setUint16(0, sport);
  view.setUint16(2, dport);
  view.setUint16(4, body.length);
  // IPv6 knows no UDP packets without a checksum.
  view.setUint16(6, 1);
  body.set(payload, 8);
  return ip(src, dst, 17, body);
}

export function tcp(
  { src, dst, sport, dport }: Ends,
  segment: { flags: number; seq?: number; ack?: number; payload?: Uint8Array },
): Uint8Array {
  const { flags, seq = 0, ack = 0, payload = new Uint8Array() } = segment;
  const body = new Uint8Array(20 + payload.length);
  const view = new DataView(body.buffer);
  view.setUint16(0, sport);
  view.setUint16(2, dport);
  view.setUint32(4, seq);
  view.setUint32(8, ack);
  view.setUint16(12, 0x5000 | flags);
  view.setUint16(14, 0xffff);
  body.set(payload, 20);
  return ip(src, dst, 6, body);
}
