/**
 * The keyed hash of a tuple: whoever sends packets chooses the tuples, so nothing weaker than SipHash keeps them
 * from piling into one chunk.
 *
 * The hash is the same for both directions of a flow that no NAT changed: the two end points go in sorted.
 */
import { ROW_SIZE } from "./batch-memory";
import { Flow, Flow6, FLOW4_SIZE, Kind, ONE_WAY_ZONE, Packet } from "./layout";
import { Direction } from "./shared/ct-state";
import { Family, Protocol } from "./shared/protocol";
import { setWord, sipHash2, sipHash2Pair, sipHashWords, swapHalves } from "./sip-hash";
import { zoneOf } from "./tuple";
import { requestPorts } from "./wire/icmp-pair";

/** Ports, protocol and zone in one word, with the message length that SipHash puts into the last byte. */
// @ts-ignore: decorator
@inline
function tail(ports: u32, protocol: u32, zone: u32, length: u64): u64 {
  return (<u64>ports) | ((<u64>protocol) << 32) | ((<u64>zone) << 40) | (length << 56);
}

function hash4(address: u64, ports: u32, protocol: u32, zone: u32): u64 {
  // Sorting must not branch: which end sends is as good as random, and a wrong guess costs more than the hash.
  // Any order will do, as long as it is the same for both directions (and in hashPair()).
  const mask: u64 = 0xffffffffffff0000;
  const low = (rotl(address, 32) & mask) | (ports & 0xffff);
  const high = (address & mask) | (ports >>> 16);
  let swap = <i64>low > <i64>high;
  let swapPorts = swap;
  if (protocol == Protocol.ICMP) {
    const source = address & 0xffffffff;
    swap = source > address >>> 32;
    swapPorts = false;
    ports = requestPorts(ports, Family.IPV4);
  }
  address = rotl(address, (<u64>swap) << 5);
  ports = rotl(ports, (<u32>swapPorts) << 4);
  return sipHash2(address, tail(ports, protocol, zone, 15));
}

function hash6(s0: u64, s1: u64, d0: u64, d1: u64, ports: u32, protocol: u32, zone: u32): u64 {
  const icmp = protocol == Protocol.ICMPV6;
  if (icmp) ports = requestPorts(ports, Family.IPV6);
  let swap = s1 > d1;
  if (s1 == d1) {
    swap = s0 > d0;
    if (s0 == d0) swap = !icmp && (ports & 0xffff) > ports >>> 16;
  }
  if (swap && !icmp) ports = rotl(ports, 16);
  setWord(0, swap ? d0 : s0);
  setWord(1, swap ? d1 : s1);
  setWord(2, swap ? s0 : d0);
  setWord(3, swap ? s1 : d1);
  setWord(4, tail(ports, protocol, zone, 40));
  return sipHashWords(5);
}

export function hashPacket(packet: Packet): u64 {
  const protocol = <u32>packet.protocol;
  const zone = <u32>packet.zone;
  if (packet.family == Family.IPV4) return hash4(packet.address, packet.ports, protocol, zone);
  return hash6(packet.src0, packet.src1, packet.dst0, packet.dst1, packet.ports, protocol, zone);
}

/** What counts of ports, protocol and what follows them; and the message's length: see tail(). */
const pairMask: usize = memory.data<u64>([0xffffffffff, 0xffffffffff], 16);
const pairLength: usize = memory.data<u64>([15 << 56, 15 << 56], 16);

/** Gives a packet and the next one their hashes at once. Both are IPv4, in zone 0, and not ICMP. */
// @ts-ignore: decorator
@inline
export function hashPair(first: Packet): void {
  const at = changetype<usize>(first);
  const address = v128.load64_lane(
    at,
    v128.load64_zero(at, offsetof<Packet>("address")),
    1,
    ROW_SIZE + offsetof<Packet>("address"),
  );
  let ends = v128.load64_lane(
    at,
    v128.load64_zero(at, offsetof<Packet>("ports")),
    1,
    ROW_SIZE + offsetof<Packet>("ports"),
  );
  ends = v128.or(v128.and(ends, v128.load(pairMask)), v128.load(pairLength));
  const hashes = hash4Pair(address, ends);
  v128.store64_lane(at, hashes, 0, offsetof<Packet>("hash"));
  v128.store64_lane(at, hashes, 1, ROW_SIZE + offsetof<Packet>("hash"));
}

/** hash4() of two tuples, one in each lane: their addresses, and their tails. */
// @ts-ignore: decorator
@inline
function hash4Pair(address: v128, ends: v128): v128 {
  const swapped = swapPorts(ends);
  const swappedAddress = swapHalves(address);
  // As hash4() sorts: a source and its port against a destination and its port.
  const low = v128.shuffle<u16>(swappedAddress, ends, 8, 1, 2, 3, 12, 5, 6, 7);
  const high = v128.shuffle<u16>(address, swapped, 8, 1, 2, 3, 12, 5, 6, 7);
  const swap = i64x2.gt_s(low, high);
  return sipHash2Pair(v128.bitselect(swappedAddress, address, swap), v128.bitselect(swapped, ends, swap));
}

/** Exchanges the two ports in the lower half of each lane. */
// @ts-ignore: decorator
@inline
function swapPorts(ends: v128): v128 {
  return v128.shuffle<u16>(ends, ends, 1, 0, 2, 3, 5, 4, 6, 7);
}

/** The hash under which a flow's tuple of one direction is indexed. */
export function hashFlow(flow: Flow, direction: u32): u64 {
  const original = direction == Direction.ORIGINAL;
  const ports = original ? flow.originalPorts : flow.replyPorts;
  const protocol = <u32>flow.protocol;
  const zone = zoneOf(flow, direction);
  if (flow.kind & Kind.IPV6) {
    const at = changetype<usize>(flow) + FLOW4_SIZE + (original ? 0 : offsetof<Flow6>("replySrc0"));
    const s0 = load<u64>(at);
    const s1 = load<u64>(at, 8);
    return hash6(s0, s1, load<u64>(at, 16), load<u64>(at, 24), ports, protocol, zone);
  }
  return hash4(original ? flow.originalAddress : flow.replyAddress, ports, protocol, zone);
}

/** Whether the hash of the flow's original tuple may come from hashFlowPair(): IPv4, one zone, not ICMP. */
// @ts-ignore: decorator
@inline
export function hashesInPairs(flow: Flow): bool {
  return !(flow.kind & (Kind.IPV6 | ONE_WAY_ZONE)) && flow.protocol != Protocol.ICMP;
}

/** hashFlow() of the original tuples of two such flows at once, one in each lane. */
// @ts-ignore: decorator
@inline
export function hashFlowPair(first: Flow, second: Flow): v128 {
  const ends = i64x2.replace_lane(i64x2.splat(originalTail(first)), 1, originalTail(second));
  const at = changetype<usize>(first);
  const address = v128.load64_zero(at, offsetof<Flow>("originalAddress"));
  return hash4Pair(
    v128.load64_lane(changetype<usize>(second), address, 1, offsetof<Flow>("originalAddress")),
    ends,
  );
}

// @ts-ignore: decorator
@inline
function originalTail(flow: Flow): u64 {
  return tail(flow.originalPorts, flow.protocol, flow.zone, 15);
}

/** The same of the reply tuple, when `hash` is that of the original one: nearly always the same, which is cheaply seen. */
// @ts-ignore: decorator
@inline
export function replyHashOf(flow: Flow, hash: u64): u64 {
  const mirrored =
    !(flow.kind & (Kind.IPV6 | ONE_WAY_ZONE)) &&
    flow.replyAddress == rotl(flow.originalAddress, 32) &&
    flow.replyPorts == rotl(flow.originalPorts, 16);
  return mirrored ? hash : hashFlow(flow, Direction.REPLY);
}
