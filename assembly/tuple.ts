/** Tuples: written into a new flow, inverted for its reply, compared with a packet's. */
import { Flow, Flow6, FLOW4_SIZE, Kind, ONE_WAY_ZONE, Packet } from "./layout";
import { Direction } from "./shared/ct-state";
import { Family, Protocol } from "./shared/protocol";
import { pairedType } from "./wire/icmp-pair";

export const NO_MATCH: i32 = -1;

// @ts-ignore: decorator
@inline
export function flow6(flow: Flow): Flow6 {
  return changetype<Flow6>(changetype<usize>(flow) + FLOW4_SIZE);
}

/** The direction in which the packet belongs to the flow, or NO_MATCH. */
// @ts-ignore: decorator
@inline
export function matchDirection(flow: Flow, packet: Packet): i32 {
  if (differsInKind(flow, packet)) return NO_MATCH;
  return packet.family == Family.IPV4 ? matchDirection4(flow, packet) : matchLongDirection(flow, packet);
}

/** A call: only the way of established packets is worth its size. */
function matchLongDirection(flow: Flow, packet: Packet): i32 {
  return matchDirection6(flow, packet);
}

/** 0 when protocol, zone and family are the packet's, and the zone counts for both directions. One test for all. */
// @ts-ignore: decorator
@inline
export function differsInKind(flow: Flow, packet: Packet): u32 {
  const kind = (flow.kind & (Kind.IPV6 | ONE_WAY_ZONE)) * ((Family.IPV6 - Family.IPV4) / Kind.IPV6);
  return (
    ((<u32>flow.protocol) ^ packet.protocol) |
    ((<u32>flow.zone) ^ packet.zone) |
    (kind ^ (packet.family - Family.IPV4))
  );
}

/** Compares both tuples and branches on neither: which of the two it is cannot be predicted. */
// @ts-ignore: decorator
@inline
export function matchDirection4(flow: Flow, packet: Packet): i32 {
  const ports = packet.ports;
  const address = packet.address;
  const reply = (flow.replyAddress ^ address) | (<u64>(flow.replyPorts ^ ports));
  const original = (flow.originalAddress ^ address) | (<u64>(flow.originalPorts ^ ports));
  // A tuple that is its own reply counts as one: the kernel links the reply tuple in front.
  const isReply = <i32>(reply == 0);
  return isReply - <i32>!(isReply | (<i32>(original == 0)));
}

/** The zone of a flow's tuple: 0 where the flow's own does not count. */
// @ts-ignore: decorator
@inline
export function zoneOf(flow: Flow, direction: u32): u32 {
  const oneWay = flow.kind & ONE_WAY_ZONE;
  if (!oneWay) return flow.zone;
  return (oneWay == Kind.ZONE_REPLY) == (direction == Direction.REPLY) ? flow.zone : 0;
}

/**
 * The same for packets and flows whose directions may lie in different zones: each tuple is judged by its own, and has to lie
 * in the zone that is searched (`packet.zone`), as the hash is the same for both directions.
 */
export function matchInZones(flow: Flow, packet: Packet): i32 {
  if (flow.protocol != packet.protocol || ((flow.kind & Kind.IPV6) != 0) != (packet.family == Family.IPV6)) {
    return NO_MATCH;
  }
  if (liesIn(flow, Direction.REPLY, packet.replyZone, packet)) return Direction.REPLY;
  return liesIn(flow, Direction.ORIGINAL, packet.originalZone, packet) ? Direction.ORIGINAL : NO_MATCH;
}

function liesIn(flow: Flow, direction: u32, zone: u32, packet: Packet): bool {
  return zone == packet.zone && zoneOf(flow, direction) == zone && tupleIs(flow, direction, packet);
}

/** Whether the flow's tuple of one direction is the packet's, zones aside. */
function tupleIs(flow: Flow, direction: u32, packet: Packet): bool {
  const reply = direction == Direction.REPLY;
  if ((reply ? flow.replyPorts : flow.originalPorts) != packet.ports) return false;
  if (!(flow.kind & Kind.IPV6)) return (reply ? flow.replyAddress : flow.originalAddress) == packet.address;
  const at = changetype<usize>(flow6(flow)) + (reply ? offsetof<Flow6>("replySrc0") : 0);
  return (
    load<u64>(at) == packet.src0 &&
    load<u64>(at, 8) == packet.src1 &&
    load<u64>(at, 16) == packet.dst0 &&
    load<u64>(at, 24) == packet.dst1
  );
}

// @ts-ignore: decorator
@inline
export function matchDirection6(flow: Flow, packet: Packet): i32 {
  const six = flow6(flow);
  if (
    flow.replyPorts == packet.ports &&
    six.replySrc0 == packet.src0 &&
    six.replySrc1 == packet.src1 &&
    six.replyDst0 == packet.dst0 &&
    six.replyDst1 == packet.dst1
  ) {
    return Direction.REPLY;
  }
  if (
    flow.originalPorts == packet.ports &&
    six.originalSrc0 == packet.src0 &&
    six.originalSrc1 == packet.src1 &&
    six.originalDst0 == packet.dst0 &&
    six.originalDst1 == packet.dst1
  ) {
    return Direction.ORIGINAL;
  }
  return NO_MATCH;
}

// @ts-ignore: decorator
@inline
function isIcmp(protocol: u32): bool {
  return protocol == Protocol.ICMP || protocol == Protocol.ICMPV6;
}

/** Port word of the inverse tuple. An ICMP tuple must have a pair. */
function invertPorts(ports: u32, protocol: u32, family: u32): u32 {
  if (!isIcmp(protocol)) return rotl(ports, 16);
  const pair = <u32>pairedType((ports >>> 16) & 0xff, family);
  return (ports & 0xff00ffff) | ((pair & 0xff) << 16);
}

/** False for an ICMP tuple that neither asks nor answers. */
// @ts-ignore: decorator
@inline
export function isInvertible(packet: Packet): bool {
  if (!isIcmp(packet.protocol)) return true;
  return pairedType((packet.ports >>> 16) & 0xff, packet.family) >= 0;
}

/** Turns the packet's tuple into its inverse. */
export function invertTuple(packet: Packet): void {
  packet.ports = invertPorts(packet.ports, packet.protocol, packet.family);
  packet.address = rotl(packet.address, 32);
  const s0 = packet.src0;
  const s1 = packet.src1;
  packet.src0 = packet.dst0;
  packet.src1 = packet.dst1;
  packet.dst0 = s0;
  packet.dst1 = s1;
}

/** 1 once a flow's tuples have come to lie in different zones. */
const oneWayZones: usize = memory.data(4, 4);

/** Whether there may be such flows, which other packets meet, too. */
export function hasOneWayZones(): bool {
  return load<u32>(oneWayZones) != 0;
}

// @ts-ignore: decorator
@inline
function setZone(flow: Flow, packet: Packet): void {
  if (packet.originalZone == packet.replyZone) {
    flow.zone = packet.zone;
    return;
  }
  store<u32>(oneWayZones, 1);
  flow.zone = packet.originalZone ? packet.originalZone : packet.replyZone;
  flow.kind |= <u8>(packet.originalZone ? Kind.ZONE_ORIGINAL : Kind.ZONE_REPLY);
}

/** Writes the packet's tuple as ORIGINAL and its inverse as REPLY into a new flow. */
export function setTuples(flow: Flow, packet: Packet): void {
  flow.protocol = packet.protocol;
  setZone(flow, packet);
  flow.originalPorts = packet.ports;
  flow.replyPorts = invertPorts(packet.ports, packet.protocol, packet.family);
  if (packet.family == Family.IPV4) {
    flow.originalAddress = packet.address;
    flow.replyAddress = rotl(packet.address, 32);
    return;
  }
  const six = flow6(flow);
  six.originalSrc0 = packet.src0;
  six.originalSrc1 = packet.src1;
  six.originalDst0 = packet.dst0;
  six.originalDst1 = packet.dst1;
  six.replySrc0 = packet.dst0;
  six.replySrc1 = packet.dst1;
  six.replyDst0 = packet.src0;
  six.replyDst1 = packet.src1;
}
