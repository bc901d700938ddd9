/**
 * The reply tuple that a flow is to get. NAT is decided in terms of it: what translates the source of the flow's packets
 * is the destination of the answers, and whether a tuple is taken is asked of the answers, because the original tuple
 * is the flow's own anyway.
 */
import { now } from "../clock";
import { isExpired } from "../flow";
import { findFlow, findFlowInZones } from "../flow-table";
import { Flow, Kind, ONE_WAY_ZONE, Packet } from "../layout";
import { destroyFlow } from "../lifecycle";
import { Direction } from "../shared/ct-state";
import { Manip } from "../shared/nat";
import { Family, Protocol } from "../shared/protocol";
import { Stat } from "../shared/stat";
import { TRANSLATED } from "../shared/status";
import { count } from "../stats";
import { flow6, hasOneWayZones, zoneOf } from "../tuple";
import { hashPacket } from "../tuple-hash";

/** A row like a packet's, so that the table can be asked; `hash` is that of the tuple when `stage` is HASHED. */
export const reply = changetype<Packet>(memory.data(offsetof<Packet>(), 16));
const HASHED: u8 = 1;

/** Begins with the reply tuple that the flow of the packet has. */
export function readReply(flow: Flow, packet: Packet): void {
  // As long as nothing is translated, the answers hash like the packet.
  reply.stage = flow.status & TRANSLATED || flow.kind & ONE_WAY_ZONE ? 0 : HASHED;
  reply.hash = packet.hash;
  reply.protocol = flow.protocol;
  reply.ports = flow.replyPorts;
  reply.originalZone = <u16>zoneOf(flow, Direction.ORIGINAL);
  reply.replyZone = <u16>zoneOf(flow, Direction.REPLY);
  reply.zone = reply.replyZone;
  if (!(flow.kind & Kind.IPV6)) {
    reply.family = <u8>Family.IPV4;
    reply.address = flow.replyAddress;
    return;
  }
  reply.family = <u8>Family.IPV6;
  const six = flow6(flow);
  reply.src0 = six.replySrc0;
  reply.src1 = six.replySrc1;
  reply.dst0 = six.replyDst0;
  reply.dst1 = six.replyDst1;
}

/** Gives the flow the reply tuple. False when it had it already. */
export function writeReply(flow: Flow): bool {
  let difference = <u64>(flow.replyPorts ^ reply.ports);
  flow.replyPorts = reply.ports;
  if (!(flow.kind & Kind.IPV6)) {
    difference |= flow.replyAddress ^ reply.address;
    flow.replyAddress = reply.address;
    return difference != 0;
  }
  const six = flow6(flow);
  difference |= (six.replySrc0 ^ reply.src0) | (six.replySrc1 ^ reply.src1);
  difference |= (six.replyDst0 ^ reply.dst0) | (six.replyDst1 ^ reply.dst1);
  six.replySrc0 = reply.src0;
  six.replySrc1 = reply.src1;
  six.replyDst0 = reply.dst0;
  six.replyDst1 = reply.dst1;
  return difference != 0;
}

/** Where the translated end's address stands, if it is an IPv6 address. */
// @ts-ignore: decorator
@inline
function end6(manip: Manip): usize {
  return changetype<usize>(reply) + offsetof<Packet>("src0") + (manip == Manip.SOURCE ? 16 : 0);
}

/** The address of the end that is translated: the lower or only word, and the upper word of an IPv6 address. */
export function address0(manip: Manip): u64 {
  if (reply.family == Family.IPV6) return load<u64>(end6(manip));
  return manip == Manip.SOURCE ? reply.address >>> 32 : reply.address & 0xffffffff;
}

export function address1(manip: Manip): u64 {
  return reply.family == Family.IPV6 ? load<u64>(end6(manip), 8) : 0;
}

export function setAddress(manip: Manip, word0: u64, word1: u64): void {
  reply.stage = 0;
  if (reply.family == Family.IPV6) {
    store<u64>(end6(manip), word0);
    store<u64>(end6(manip), word1, 8);
  } else if (manip == Manip.SOURCE) {
    reply.address = (reply.address & 0xffffffff) | (word0 << 32);
  } else {
    reply.address = (reply.address & 0xffffffff00000000) | (word0 & 0xffffffff);
  }
}

// @ts-ignore: decorator
@inline
function keyInUpperHalf(manip: Manip): bool {
  // The id of an ICMP tuple stands in the lower half in both directions.
  const icmp = reply.protocol == Protocol.ICMP || reply.protocol == Protocol.ICMPV6;
  return manip == Manip.SOURCE && !icmp;
}

/** Port, ICMP id or GRE key of the end that is translated, as a number. */
export function key(manip: Manip): u32 {
  const raw = keyInUpperHalf(manip) ? reply.ports >>> 16 : reply.ports & 0xffff;
  return <u32>bswap<u16>(<u16>raw);
}

export function setKey(manip: Manip, number: u32): void {
  reply.stage = 0;
  const raw = <u32>bswap<u16>(<u16>number);
  reply.ports = keyInUpperHalf(manip)
    ? (reply.ports & 0xffff) | (raw << 16)
    : (reply.ports & 0xffff0000) | raw;
}

/** Gives the source the address and key that another flow's source has got. */
export function copyMapping(other: Flow): void {
  reply.stage = 0;
  if (other.kind & Kind.IPV6) {
    const six = flow6(other);
    reply.dst0 = six.replyDst0;
    reply.dst1 = six.replyDst1;
  } else {
    setAddress(Manip.SOURCE, other.replyAddress >>> 32, 0);
  }
  const mask: u32 = keyInUpperHalf(Manip.SOURCE) ? 0xffff0000 : 0xffff;
  reply.ports = (reply.ports & ~mask) | (other.replyPorts & mask);
}

/** The flow that has the tuple, in either direction, null when it is free. */
export function holder(flow: Flow): Flow | null {
  if (reply.stage != HASHED) {
    reply.hash = hashPacket(reply);
    reply.stage = HASHED;
  }
  let other = find(flow, reply.hash);
  while (other && isExpired(other, now())) {
    destroyFlow(other);
    other = find(flow, reply.hash);
  }
  return other;
}

function find(flow: Flow, hash: u64): Flow | null {
  const inZones = (flow.kind & ONE_WAY_ZONE) != 0 || hasOneWayZones();
  return inZones ? findFlowInZones(hash, reply) : findFlow(hash, reply);
}

/** Whether a flow whose packets lie in another zone has the same answers, so that this one cannot enter the table. */
// @ts-ignore: decorator
@inline
export function clashesInZones(flow: Flow, packet: Packet): bool {
  return hasOneWayZones() && hasHolder(flow, packet);
}

function hasHolder(flow: Flow, packet: Packet): bool {
  readReply(flow, packet);
  return holder(flow) != null;
}

/** The same as a question, which Linux counts when the answer is yes. */
export function isTaken(flow: Flow): bool {
  if (!holder(flow)) return false;
  count(Stat.FOUND);
  return true;
}
