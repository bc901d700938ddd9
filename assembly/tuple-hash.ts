/**
 * SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") of a tuple, keyed per engine: whoever
 * sends packets chooses the tuples, so nothing weaker keeps them from piling into one chunk.
 *
 * The hash is the same for both directions of a flow that no NAT changed: the two end points go in sorted.
 */
import { Flow, Flow6, FLOW4_SIZE, Kind, Packet } from "./layout";
import { Direction } from "./shared/ct-state";
import { Family, Protocol } from "./shared/protocol";
import { requestPorts } from "./wire/icmp-pair";

const key: usize = memory.data(16, 16);

/** The message: at most five words of an IPv6 tuple, then the three zero words that finalisation absorbs. */
const message: usize = memory.data(64, 16);
const FINAL_ROUNDS: usize = 3;

export function setHashKey(w0: u32, w1: u32, w2: u32, w3: u32): void {
  store<u64>(key, (<u64>w0) | ((<u64>w1) << 32));
  store<u64>(key, (<u64>w2) | ((<u64>w3) << 32), 8);
}

// @ts-ignore: decorator
@inline
function sipHash13(words: usize): u64 {
  const k0 = load<u64>(key);
  const k1 = load<u64>(key, 8);
  let v0 = k0 ^ 0x736f6d6570736575;
  let v1 = k1 ^ 0x646f72616e646f6d;
  let v2 = k0 ^ 0x6c7967656e657261;
  let v3 = k1 ^ 0x7465646279746573;
  const last = message + (words << 3);
  store<u64>(last, 0);
  store<u64>(last, 0, 8);
  store<u64>(last, 0, 16);
  for (let at = message; at < last + (FINAL_ROUNDS << 3); at += 8) {
    if (at == last) v2 ^= 0xff;
    const word = load<u64>(at);
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    v0 ^= word;
  }
  return v0 ^ v1 ^ v2 ^ v3;
}

/** Ports, protocol and zone in one word, with the message length that SipHash puts into the last byte. */
// @ts-ignore: decorator
@inline
function tail(ports: u32, protocol: u32, zone: u32, length: u64): u64 {
  return (<u64>ports) | ((<u64>protocol) << 32) | ((<u64>zone) << 40) | (length << 56);
}

function hash4(address: u64, ports: u32, protocol: u32, zone: u32): u64 {
  let low = address & 0xffffffff;
  let high = address >>> 32;
  if (protocol == Protocol.ICMP) {
    ports = requestPorts(ports, Family.IPV4);
    if (low > high) address = rotl(address, 32);
  } else {
    low = (low << 16) | (ports & 0xffff);
    high = (high << 16) | (ports >>> 16);
    if (low > high) {
      address = rotl(address, 32);
      ports = rotl(ports, 16);
    }
  }
  store<u64>(message, address);
  store<u64>(message, tail(ports, protocol, zone, 15), 8);
  return sipHash13(2);
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
  store<u64>(message, swap ? d0 : s0);
  store<u64>(message, swap ? d1 : s1, 8);
  store<u64>(message, swap ? s0 : d0, 16);
  store<u64>(message, swap ? s1 : d1, 24);
  store<u64>(message, tail(ports, protocol, zone, 40), 32);
  return sipHash13(5);
}

// @ts-ignore: decorator
@inline
export function hashPacket(packet: Packet): u64 {
  const protocol = <u32>packet.protocol;
  const zone = <u32>packet.zone;
  if (packet.family == Family.IPV4) return hash4(packet.address, packet.ports, protocol, zone);
  return hash6(packet.src0, packet.src1, packet.dst0, packet.dst1, packet.ports, protocol, zone);
}

/** The hash under which a flow's tuple of one direction is indexed. */
export function hashFlow(flow: Flow, direction: u32): u64 {
  const original = direction == Direction.ORIGINAL;
  const ports = original ? flow.originalPorts : flow.replyPorts;
  const protocol = <u32>flow.protocol;
  const zone = <u32>flow.zone;
  if (flow.kind & Kind.IPV6) {
    const at = changetype<usize>(flow) + FLOW4_SIZE + (original ? 0 : offsetof<Flow6>("replySrc0"));
    const s0 = load<u64>(at);
    const s1 = load<u64>(at, 8);
    return hash6(s0, s1, load<u64>(at, 16), load<u64>(at, 24), ports, protocol, zone);
  }
  return hash4(original ? flow.originalAddress : flow.replyAddress, ports, protocol, zone);
}
