/** Where a packet goes: the routing decisions around the hooks. */
import { LOOPBACK, routeBy, routeTo } from "../device";
import { Packet } from "../layout";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { RouteType } from "../shared/route-type";
import { IPV4_HEADER } from "../wire/header-size";
import { ipv4OptionsHold } from "../wire/ipv4-options";
import { fits } from "./length";

export enum Way {
  /** Nowhere: packet.reason says why. */
  NONE = 0,
  /** To this machine. */
  LOCAL = 1,
  /** On, by packet.outDevice. */
  OUT = 2,
}

/** IPv6 addresses stand at these offsets of the header. */
const SOURCE6: usize = 8;
const DESTINATION6: usize = 24;

function refuse(packet: Packet, reason: Reason): Way {
  packet.reason = <u8>reason;
  return Way.NONE;
}

function isMulticast4(address: u32): bool {
  return (address & 0xf0) == 0xe0;
}

/** Of an arriving packet, after its destination may have been translated. */
export function routeArriving(packet: Packet): Way {
  return packet.family == Family.IPV4 ? arriving4(packet) : arriving6(packet);
}

function arriving4(packet: Packet): Way {
  const source = load<u32>(packet.l3, 12);
  const destination = load<u32>(packet.l3, 16);
  // RFC 1812 section 5.3.7: addresses that can be nobody's. (Of 0.0.0.0/8 Linux knows the first one only.)
  if (isMulticast4(source) || source == 0xffffffff) return refuse(packet, Reason.NOT_FORWARDED);
  if (destination == 0xffffffff || !(source | destination)) return Way.LOCAL;
  if (!source || !destination) return refuse(packet, Reason.NOT_FORWARDED);
  if (!ipv4OptionsHold(packet.l3 + IPV4_HEADER, packet.l4)) return refuse(packet, Reason.NOT_FORWARDED);
  return routed(packet, destination, 0);
}

function arriving6(packet: Packet): Way {
  const source0 = load<u64>(packet.l3, SOURCE6);
  const way = routed(packet, load<u64>(packet.l3, DESTINATION6), load<u64>(packet.l3, DESTINATION6 + 8));
  // What goes back by the device that it came by is no business of a router.
  if (way != Way.OUT || packet.outDevice == packet.inDevice) return way;
  // RFC 4291 sections 2.5.2, 2.5.3, 2.5.6, 2.7: unspecified, loopback, link-local and multicast sources.
  const source1 = bswap<u64>(load<u64>(packet.l3, SOURCE6 + 8));
  if (isLinkLocal6(source0) || <u32>(source0 & 0xff) == 0xff || (source0 == 0 && source1 <= 1)) {
    return refuse(packet, Reason.NOT_FORWARDED);
  }
  return way;
}

function isLinkLocal6(word0: u64): bool {
  return (word0 & 0xc0ff) == 0x80fe;
}

function routed(packet: Packet, to0: u64, to1: u64): Way {
  // RFC 4291 section 2.5.6: a link-local address is one of the link that the packet came by.
  const here = packet.family == Family.IPV6 && isLinkLocal6(to0);
  const route = here ? routeBy(packet.inDevice, Family.IPV6, to0, to1) : routeTo(packet.family, to0, to1);
  if (!route) return refuse(packet, Reason.NO_ROUTE);
  switch (<u32>route.type) {
    case RouteType.LOCAL:
    case RouteType.BROADCAST:
    case RouteType.ANYCAST:
      return Way.LOCAL;
    case RouteType.MULTICAST:
      // Only groups that this machine has joined have such a route.
      return route.device == 0 || route.device == packet.inDevice
        ? Way.LOCAL
        : refuse(packet, Reason.NO_ROUTE);
    case RouteType.UNICAST:
      if (isGroup(packet, to0)) return refuse(packet, Reason.NO_ROUTE);
      packet.outDevice = route.device;
      return Way.OUT;
    default:
      return refuse(packet, Reason.NO_ROUTE);
  }
}

function isGroup(packet: Packet, to0: u64): bool {
  return packet.family == Family.IPV4 ? isMulticast4(<u32>to0) : <u32>(to0 & 0xff) == 0xff;
}

/** Of a packet that this machine sends. */
export function routeSent(packet: Packet): Way {
  const four = packet.family == Family.IPV4;
  const to0 = four ? <u64>load<u32>(packet.l3, 16) : load<u64>(packet.l3, DESTINATION6);
  const to1 = four ? 0 : load<u64>(packet.l3, DESTINATION6 + 8);
  const route = routeTo(packet.family, to0, to1);
  if (!route) return refuse(packet, Reason.NO_ROUTE);
  if (route.type == RouteType.LOCAL || route.type == RouteType.ANYCAST) packet.outDevice = <u16>LOOPBACK;
  else if (route.type == RouteType.UNICAST || route.type == RouteType.BROADCAST)
    packet.outDevice = route.device;
  else return refuse(packet, Reason.NO_ROUTE);
  return Way.OUT;
}

/** RFC 1812 section 5.3.1. False: it has been forwarded often enough, or is too long to be forwarded. */
export function lowerTtl(packet: Packet): bool {
  const at = <usize>packet.l3;
  if (packet.family == Family.IPV4) {
    const ttl = <u32>load<u8>(at, 8);
    if (ttl <= 1) return exceeded(packet, ttl);
    if (!fits(packet)) return false;
    store<u8>(at, <u8>(ttl - 1), 8);
    // One less in the upper byte of a word is one more, with its carry, in the checksum (RFC 1141).
    const sum = <u32>load<u16>(at, 10) + 1;
    store<u16>(at, <u16>(sum + (sum >= 0xffff ? 1 : 0)), 10);
    return true;
  }
  const limit = <u32>load<u8>(at, 7);
  if (limit <= 1) return exceeded(packet, limit);
  if (!fits(packet)) return false;
  store<u8>(at, <u8>(limit - 1), 7);
  return true;
}

function exceeded(packet: Packet, ttl: u32): bool {
  packet.reason = <u8>Reason.TTL_EXCEEDED;
  packet.a = ttl;
  return false;
}
