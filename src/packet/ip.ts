/** The IP header, and what every packet has in common. */
import ipaddr from "ipaddr.js";
import { ipv4Text, ipv6Text } from "../address.js";
import { ConntrackError } from "../errors.js";
import { internetChecksum, sumWords } from "./checksum.js";
import { field, type Payload, payloadBytes, viewOf } from "./fields.js";

/** Between whom, and what of the IP header may be chosen. Both addresses are of the family the packet has. */
export interface IpFields {
  readonly src: string;
  readonly dst: string;
  /** Time to live or hop limit, 0 to 255; default 64. */
  readonly ttl?: number;
  /** Type of service or traffic class, 0 to 255; default 0. */
  readonly tos?: number;
  /** IPv4: identification, 0 to 65535; default 0. */
  readonly id?: number;
  /** IPv4: default true, as Linux sends whatever it does not expect to be fragmented. */
  readonly dontFragment?: boolean;
  /** IPv6: flow label, 0 to 1048575; default 0. */
  readonly flowLabel?: number;
}

export interface IpPacketFields extends IpFields {
  /** Protocol, or the next header of IPv6: 0 to 255. */
  readonly protocol: number;
  readonly payload?: Payload;
}

export interface Ends {
  readonly src: readonly number[];
  readonly dst: readonly number[];
}

/** The bytes of both addresses. @throws ConntrackError CT_BAD_OPTION */
export function endsOf({ src, dst }: IpFields): Ends {
  const ends = { src: addressBytes("src", src), dst: addressBytes("dst", dst) };
  if (ends.src.length === ends.dst.length) return ends;
  throw new ConntrackError("CT_BAD_OPTION", `${src} and ${dst} are not of one address family`);
}

/**
 * A packet of any protocol around `payload`, which is the whole transport segment.
 * @throws ConntrackError CT_BAD_OPTION for a value that does not fit its field
 */
export function ip(fields: IpPacketFields): Uint8Array<ArrayBuffer> {
  return wrap(fields, endsOf(fields), fields.protocol, payloadBytes(fields.payload));
}

/** Puts the IP header in front of a segment. */
export function wrap(
  fields: IpFields,
  { src, dst }: Ends,
  protocol: number,
  segment: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const six = src.length === 16;
  const header = six ? 40 : 20;
  field("packet length", six ? segment.length : header + segment.length, 65535);
  const ttl = field("ttl", fields.ttl ?? 64, 255);
  const tos = field("tos", fields.tos ?? 0, 255);
  const packet = new Uint8Array(header + segment.length);
  const view = viewOf(packet);
  packet.set(src, six ? 8 : 12);
  packet.set(dst, six ? 24 : 16);
  packet.set(segment, header);
  if (six) {
    view.setUint32(0, 0x60000000 | (tos << 20) | field("flowLabel", fields.flowLabel ?? 0, 0xfffff));
    view.setUint16(4, segment.length);
    view.setUint8(6, field("protocol", protocol, 255));
    view.setUint8(7, ttl);
    return packet;
  }
  view.setUint16(0, 0x4500 | tos);
  view.setUint16(2, packet.length);
  view.setUint16(4, field("id", fields.id ?? 0, 65535));
  view.setUint16(6, fields.dontFragment === false ? 0 : 0x4000);
  view.setUint8(8, ttl);
  view.setUint8(9, field("protocol", protocol, 255));
  sealHeader(packet);
  return packet;
}

/** Writes the checksum of an IPv4 header. */
export function sealHeader(packet: Uint8Array): void {
  const header = packet.subarray(0, ((packet[0] as number) & 15) * 4);
  header[10] = 0;
  header[11] = 0;
  viewOf(packet).setUint16(10, internetChecksum(sumWords(header)));
}

/** The checksum of a segment whose own checksum field is 0, pseudo-header included (RFC 9293, RFC 8200). */
export function transportChecksum({ src, dst }: Ends, protocol: number, segment: Uint8Array): number {
  return internetChecksum(sumWords(segment, sumWords(src, sumWords(dst, protocol + segment.length))));
}

function addressBytes(name: string, text: string): readonly number[] {
  // Octal, hexadecimal and shortened IPv4 forms are more often mistakes than meant.
  if (ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && ipaddr.IPv6.isValid(text))) {
    if (!text.includes("%")) return ipaddr.parse(text).toByteArray();
  }
  throw new ConntrackError("CT_BAD_OPTION", `${name}: ${JSON.stringify(text)} is not an IP address`);
}

/** The text of 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 16 ? ipv6Text(bytes, 0) : ipv4Text(bytes, 0);
}
