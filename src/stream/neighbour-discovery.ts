/** Neighbour discovery (RFC 4861): solicitations and advertisements of addresses on the line. */
import { Protocol } from "../../assembly/shared/protocol.js";
import { ipv6Text } from "../address.js";
import { icmp6 } from "../packet/index.js";
import type { Heard } from "./arp.js";
import type { Mac } from "./frame.js";

const IP_HEADER = 40;
/** ICMPv6 header with flags, and the target. */
const MESSAGE = 24;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const SOURCE_ADDRESS = 1;
const TARGET_ADDRESS = 2;
const ON_THE_LINE = 255;
/** Flags of advertisements: from a router, asked for, to be believed rather than what was known. */
const ROUTER = 0x8000;
const SOLICITED = 0x4000;
const OVERRIDE = 0x2000;
const ALL_NODES = "ff02::1";

/** Undefined for packets that are about something else; those of other lines are among them, and are not believed. */
export function hearNeighbour(packet: Uint8Array): Heard | undefined {
  const type = packet[IP_HEADER];
  if (packet[6] !== Protocol.ICMPV6 || (type !== SOLICITATION && type !== ADVERTISEMENT)) return undefined;
  const nothing: Heard = {
    answers: true,
    asker: undefined,
    wants: undefined,
    target: undefined,
    mac: undefined,
  };
  const end = IP_HEADER + (((packet[4] ?? 0) << 8) | (packet[5] ?? 0));
  if (packet[7] !== ON_THE_LINE || end < IP_HEADER + MESSAGE || end > packet.length) return nothing;
  const source = Array.from(packet.subarray(8, 24));
  const target = Array.from(packet.subarray(IP_HEADER + 8, IP_HEADER + MESSAGE));
  const asks = type === SOLICITATION;
  const option = asks ? SOURCE_ADDRESS : TARGET_ADDRESS;
  const mac = linkAddress(packet.subarray(IP_HEADER + MESSAGE, end), option);
  const asker = source.some((byte) => byte !== 0) ? source : undefined;
  return { answers: !asks, asker, wants: asks ? target : undefined, target: asks ? asker : target, mac };
}

function linkAddress(options: Uint8Array, wanted: number): Mac | undefined {
  for (let at = 0; at + 8 <= options.length; ) {
    const length = (options[at + 1] ?? 0) * 8;
    if (length === 0) return undefined;
    if (options[at] === wanted) return options.slice(at + 2, at + 8);
    at += length;
  }
  return undefined;
}

function option(kind: number, mac: Mac): number[] {
  return [kind, 1, ...mac];
}

/** The group of those whose address ends so (RFC 4291 section 2.7.1). */
function solicitedNodes(address: readonly number[]): number[] {
  return [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...address.slice(13)];
}

const text = (address: readonly number[]) => ipv6Text(Uint8Array.from(address), 0);

export function solicitation(own: readonly number[], address: readonly number[], mac: Mac): Uint8Array {
  return icmp6({
    src: text(own),
    dst: text(solicitedNodes(address)),
    ttl: ON_THE_LINE,
    type: "neighbour-solicitation",
    payload: [...address, ...option(SOURCE_ADDRESS, mac)],
  });
}

/** `asker` undefined: to all. */
export function advertisement(
  own: readonly number[],
  asker: readonly number[] | undefined,
  mac: Mac,
): Uint8Array {
  return icmp6({
    src: text(own),
    dst: asker ? text(asker) : ALL_NODES,
    ttl: ON_THE_LINE,
    type: "neighbour-advertisement",
    icmpId: ROUTER | OVERRIDE | (asker ? SOLICITED : 0),
    payload: [...own, ...option(TARGET_ADDRESS, mac)],
  });
}

/** RFC 2464 section 7. */
export function multicastMac(address: Uint8Array): Mac {
  return Uint8Array.of(0x33, 0x33, ...address.subarray(12, 16));
}
