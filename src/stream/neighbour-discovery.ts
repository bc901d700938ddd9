/** Neighbour solicitations and advertisements (RFC 4861) as IPv6 packets. */
import { ipv6Text } from "../address.js";
import { icmp6, icmpChecksum } from "../packet/icmp.js";
import { groupMac, type Mac } from "./mac.js";

export interface Solicitation {
  readonly kind: "solicitation";
  readonly source: Uint8Array;
  readonly target: Uint8Array;
  /** What it says of its sender. */
  readonly mac: Mac | undefined;
}

export interface Advertisement {
  readonly kind: "advertisement";
  readonly target: Uint8Array;
  readonly mac: Mac | undefined;
  /** It answers a question. */
  readonly solicited: boolean;
  /** It may replace what is known. */
  readonly override: boolean;
}

const ICMPV6 = 58;
const HEADER = 40;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
/** Options (RFC 4861 section 4.6.1), and the only length that they have on Ethernet, in units of eight bytes. */
const SOURCE_MAC = 1;
const TARGET_MAC = 2;
const ROUTER = 0x80;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;

const ALL_NODES = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** Whether an IPv6 packet is a message of these. */
export function isNeighbourDiscovery(packet: Uint8Array): boolean {
  const type = packet[HEADER];
  return packet[6] === ICMPV6 && (type === SOLICITATION || type === ADVERTISEMENT);
}

/** Undefined for what has to be ignored: RFC 4861 sections 7.1.1 and 7.1.2. */
export function readNeighbourDiscovery(packet: Uint8Array): Solicitation | Advertisement | undefined {
  const length = ((packet[4] as number) << 8) | (packet[5] as number);
  const message = packet.subarray(HEADER, HEADER + length);
  // A hop limit of 255: no router has passed it on.
  if (packet[7] !== 255 || message.length !== length || length < 24 || message[1] !== 0) return undefined;
  const source = packet.slice(8, 24);
  const destination = packet.slice(24, 40);
  if (icmpChecksum({ src: [...source], dst: [...destination] }, message) !== 0) return undefined;
  const target = message.slice(8, 24);
  if (target[0] === 0xff) return undefined;
  if (message[0] === SOLICITATION) {
    const options = readOptions(message, SOURCE_MAC);
    const probe = isUnspecified(source);
    if (!options || (probe && (options.mac || !isSolicitedNode(destination)))) return undefined;
    return { kind: "solicitation", source, target, mac: options.mac };
  }
  const options = readOptions(message, TARGET_MAC);
  const flags = message[4] as number;
  const solicited = (flags & SOLICITED) !== 0;
  if (!options || (solicited && destination[0] === 0xff)) return undefined;
  return { kind: "advertisement", target, mac: options.mac, solicited, override: (flags & OVERRIDE) !== 0 };
}

/** Undefined for options of no length or beyond the end. */
function readOptions(message: Uint8Array, wanted: number): { mac: Mac | undefined } | undefined {
  let mac: Mac | undefined;
  for (let at = 24; at < message.length; ) {
    const length = (message[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > message.length) return undefined;
    if (message[at] === wanted && length === 8) mac ??= message.slice(at + 2, at + 8);
    at += length;
  }
  return { mac };
}

export function isUnspecified(address: Uint8Array): boolean {
  return address.every((byte) => byte === 0);
}

function isSolicitedNode(address: Uint8Array): boolean {
  return solicitedNode(address).every((byte, i) => byte === address[i]);
}

/** The group of all whose address ends as this one does: RFC 4291 section 2.7.1. */
function solicitedNode(address: Uint8Array): Uint8Array {
  const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0);
  group.set(address.subarray(13), 13);
  return group;
}

/** A packet, and the Ethernet address that it goes to. */
export interface Addressed {
  readonly packet: Uint8Array;
  readonly to: Mac;
}

/** Asks who has `target`: everybody, or the one who last had it. */
export function solicit(target: Uint8Array, own: { address: Uint8Array; mac: Mac }, last?: Mac): Addressed {
  const group = solicitedNode(target);
  const packet = message(SOLICITATION, 0, own.address, last ? target : group, target, SOURCE_MAC, own.mac);
  return { packet, to: last ?? groupMac(group) };
}

/** Answers a solicitation, or tells everybody when its sender has no address yet. */
export function advertise({ source, target }: Solicitation, mac: Mac, senderMac: Mac): Addressed {
  const solicited = !isUnspecified(source);
  const flags = ROUTER | OVERRIDE | (solicited ? SOLICITED : 0);
  const destination = solicited ? source : ALL_NODES;
  const packet = message(ADVERTISEMENT, flags, target, destination, target, TARGET_MAC, mac);
  return { packet, to: solicited ? senderMac : groupMac(ALL_NODES) };
}

function message(
  type: number,
  flags: number,
  source: Uint8Array,
  destination: Uint8Array,
  target: Uint8Array,
  option: number,
  mac: Mac,
): Uint8Array {
  const payload = [...target, option, 1, ...mac];
  const [src, dst] = [ipv6Text(source, 0), ipv6Text(destination, 0)];
  return icmp6({ src, dst, ttl: 255, type, icmpId: flags << 8, payload });
}
