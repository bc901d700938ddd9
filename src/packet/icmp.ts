import { Protocol } from "../../assembly/shared/protocol.js";
import { ConntrackError } from "../errors.js";
import { internetChecksum, sumWords } from "./checksum.js";
import { field, named, type Payload, payloadBytes, viewOf } from "./fields.js";
import { type Ends, endsOf, type IpFields, transportChecksum, wrap } from "./ip.js";

/** Queries, under the names that iptables has for them or their RFC. */
const TYPES = {
  "echo-reply": 0,
  "echo-request": 8,
  "router-advertisement": 9,
  "router-solicitation": 10,
  "timestamp-request": 13,
  "timestamp-reply": 14,
  "information-request": 15,
  "information-reply": 16,
  "address-mask-request": 17,
  "address-mask-reply": 18,
} as const;

const TYPES6 = {
  "echo-request": 128,
  "echo-reply": 129,
  "router-solicitation": 133,
  "router-advertisement": 134,
  "neighbour-solicitation": 135,
  "neighbour-advertisement": 136,
  redirect: 137,
} as const;

export type IcmpTypeName = keyof typeof TYPES;
export type Icmp6TypeName = keyof typeof TYPES6;

interface Message extends IpFields {
  /** 0 to 255; default 0. */
  readonly code?: number;
  /** Identifier of a query, 0 to 65535; default 0. It lies in the two bytes behind the checksum. */
  readonly icmpId?: number;
  /** Sequence number of a query, 0 to 65535; default 0. It lies behind the identifier. */
  readonly sequence?: number;
  /** Whatever follows the first eight bytes. */
  readonly payload?: Payload;
  /** Instead of the right one. */
  readonly checksum?: number;
}

export interface IcmpFields extends Message {
  readonly type: IcmpTypeName | number;
}

export interface Icmp6Fields extends Message {
  readonly type: Icmp6TypeName | number;
}

/**
 * An ICMP message (RFC 792) between IPv4 addresses, from the IP header on. For errors see `icmpError()`.
 * @throws ConntrackError CT_BAD_OPTION for a value that does not fit its field
 */
export function icmp(fields: IcmpFields): Uint8Array<ArrayBuffer> {
  return message(fields, Protocol.ICMP, named("type", fields.type, TYPES, 255));
}

/**
 * An ICMPv6 message (RFC 4443) between IPv6 addresses, from the IP header on. For errors see `icmpError()`.
 * @throws ConntrackError CT_BAD_OPTION for a value that does not fit its field
 */
export function icmp6(fields: Icmp6Fields): Uint8Array<ArrayBuffer> {
  return message(fields, Protocol.ICMPV6, named("type", fields.type, TYPES6, 255));
}

function message(fields: Message, protocol: Protocol, type: number): Uint8Array<ArrayBuffer> {
  const ends = endsOf(fields);
  const size = protocol === Protocol.ICMPV6 ? 16 : 4;
  if (ends.src.length !== size) {
    const family = size === 16 ? "ICMPv6 runs between IPv6" : "ICMP runs between IPv4";
    throw new ConntrackError("CT_BAD_OPTION", `${family} addresses, not ${fields.src} and ${fields.dst}`);
  }
  const payload = payloadBytes(fields.payload);
  const segment = new Uint8Array(8 + payload.length);
  const view = viewOf(segment);
  view.setUint8(0, type);
  view.setUint8(1, field("code", fields.code ?? 0, 255));
  view.setUint16(4, field("icmpId", fields.icmpId ?? 0, 65535));
  view.setUint16(6, field("sequence", fields.sequence ?? 0, 65535));
  segment.set(payload, 8);
  view.setUint16(2, field("checksum", fields.checksum ?? icmpChecksum(ends, segment), 65535));
  return wrap(fields, ends, protocol, segment);
}

/** ICMPv6 alone has a pseudo-header. */
export function icmpChecksum(ends: Ends, segment: Uint8Array): number {
  if (ends.src.length === 16) return transportChecksum(ends, Protocol.ICMPV6, segment);
  return internetChecksum(sumWords(segment));
}
