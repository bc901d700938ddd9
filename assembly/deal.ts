/**
 * Deals the packets of a batch out to several engines, by their addresses: so both directions of a flow, the fragments of
 * a datagram, what a helper announces between the same ends and, by the packet that it quotes, an ICMP error meet in one
 * engine. What one engine gets is gathered side by side, so that it copies and reads nothing that is not its own.
 *
 *   Deal | a Hand for each engine | then of each hand: times f64 | offsets u32 | lengths u32 | numbers u32 | packet bytes
 *
 * If captures have cut packets, wireLengths u32 stand before the bytes. Offsets are counted from the hand's first packet; in
 * their places it comes back with outcomes.
 */
import { reserveBlocks } from "./arena";
import { Batch, packetAt, rowAddress } from "./batch-memory";
import { LAST_MS } from "./clock";
import { Packet, Stage } from "./layout";
import { BLOCK } from "./limits";
import { Hook } from "./shared/ct-state";
import { LinkType } from "./shared/link-type";
import { Family, Protocol } from "./shared/protocol";
import { readQuotedTuple } from "./tracker/icmp-error";
import { ETHERNET_HEADER, IPV4_HEADER } from "./wire/header-size";
import { isError } from "./wire/icmp";
import { RAW_IPV4 } from "./wire/link";
import { parseAny } from "./wire/parse";


@unmanaged
class Dealer {
  /** Nobody outside can tell which addresses fall to the same engine. */
  k0: u64;
  k1: u64;
  /** How many engines there are. */
  parts: u32;
  /** Address of what has been dealt. */
  deal: u32;
}

/** What is dealt at a time. */
@unmanaged
export class Deal {
  /** The time at which its last packet comes; while it is made, the latest one so far, NaN before the first. */
  latest: f64;
  /** Of all of it. */
  bytes: u32;
  /** Whether lengths on the wire are told. */
  cut: u32;
}

/** What one engine gets of it. */
@unmanaged
export class Hand {
  /** From the deal's first byte to the columns, and to the packet bytes. */
  columns: u32;
  packets: u32;
  count: u32;
}

export const HANDS: u32 = offsetof<Deal>();
/** Packets and their bytes in a deal at most: it stays in a core's cache while it is made and sent. */
export const DEALT_PACKETS: u32 = 1024;
export const DEALT_BYTES: u32 = 131072;

/** Bytes of a packet in the columns; of its length on the wire. */
const COLUMNS: u32 = 8 + 3 * 4;
const WIRE_LENGTH: u32 = 4;
/** Packets that are looked at together when one engine's are gathered: lanes of a vector. */
const GROUP: u32 = 16;
/** Packets begin at whole words: so many bytes may lie before one. */
const GAP: u32 = 7;

/** Where the source address of an IPv4 packet stands in an Ethernet frame; the destination follows. */
const SOURCE: usize = 26;

const dealer = changetype<Dealer>(memory.data(offsetof<Dealer>(), 8));
/** Of each packet, the number of the engine that it falls to: a byte. */
const owners: usize = memory.data(DEALT_PACKETS, 16);
/** The packet that is looked at. */
const seen = changetype<Packet>(memory.data(offsetof<Packet>(), 8));

/** To be called once. Returns the address at which deals are made; 0 when there is no memory. */
export function openDealer(parts: u32, w0: u32, w1: u32, w2: u32, w3: u32): u32 {
  dealer.parts = parts;
  dealer.k0 = (<u64>w0) | ((<u64>w1) << 32);
  // Odd: multiplication by it loses nothing.
  dealer.k1 = (<u64>w2) | ((<u64>w3) << 32) | 1;
  dealer.deal = <u32>reserveBlocks((dealtBytes(DEALT_PACKETS, DEALT_BYTES) + BLOCK - 1) / BLOCK);
  return dealer.deal;
}

/** What all deals of so many packets take at most, with so many bytes in all. */
export function dealtBytes(packets: u32, bytes: u32): u32 {
  // A deal ends when it has all packets it may have, or when the next packet finds no room: then both have more than one may.
  const deals = packets / DEALT_PACKETS + (2 * bytes) / DEALT_BYTES + 4;
  const head = HANDS + dealer.parts * (offsetof<Hand>() + GAP);
  return deals * head + packets * (COLUMNS + WIRE_LENGTH + GAP) + bytes;
}

/**
 * Deals out all packets of a batch, up to DEALT_PACKETS; `number` is the first one's. Each comes when it would come to one
 * engine for all: at the latest time of the packets up to it, or `latest`, what the deals before were made of included.
 */
export function deal(address: u32, count: u32, number: u32, latest: f64): void {
  const batch = changetype<Batch>(address);
  const made = changetype<Deal>(dealer.deal);
  made.latest = latest;
  findOwners(batch, count, made);
  made.cut = <u32>isCut(batch, count);
  const parts = dealer.parts;
  let at = wholeWords(HANDS + parts * offsetof<Hand>());
  for (let part: u32 = 0; part < parts; part++) {
    const hand = changetype<Hand>(<usize>dealer.deal + HANDS + part * offsetof<Hand>());
    hand.count = 0;
    for (let first: u32 = 0; first < count; first += GROUP) hand.count += popcnt(ownedBy(part, first, count));
    hand.columns = at;
    hand.packets = wholeWords(at + hand.count * (COLUMNS + (made.cut ? WIRE_LENGTH : 0)));
    at = gather(batch, count, part, hand, number);
    if (made.cut) gatherWireLengths(batch, count, part, hand);
  }
  made.bytes = at;
}

/** Which of a group of packets from `first` on one engine gets: a bit for each. */
// @ts-ignore: decorator
@inline
function ownedBy(part: u32, first: u32, count: u32): u32 {
  const owned = i8x16.bitmask(i8x16.eq(v128.load(owners + first), i8x16.splat(<i8>part)));
  // Behind the last packet stand owners of earlier deals.
  return first + GROUP <= count ? owned : owned & ((1 << (count - first)) - 1);
}

/** Whether any packet has another length on the wire. */
function isCut(batch: Batch, count: u32): bool {
  let differences: u32 = 0;
  for (let at: u32 = 0; at < count << 2; at += 4) {
    differences |= load<u32>(batch.lengths + at) ^ load<u32>(batch.wireLengths + at);
  }
  return differences != 0;
}

/** Finds out who gets which packets. */
function findOwners(batch: Batch, count: u32, made: Deal): void {
  const link = packetAt(rowAddress(batch, 0)).link;
  seen.link = link;
  for (let i: u32 = 0; i < count; i++) {
    if (link == LinkType.ETHERNET) i = findPlainOwners(batch, i, count, made);
    if (i == count) return;
    made.latest = laterTime(batch, i, made.latest);
    const length = load<u32>(batch.lengths + (i << 2));
    const wireLength = load<u32>(batch.wireLengths + (i << 2));
    store<u8>(owners + i, partOf(load<u32>(batch.data + (i << 2)), length, wireLength));
  }
}

/** The same up to a frame that is not plain. There is no call in the loop, so that V8 keeps its variables in registers. */
function findPlainOwners(batch: Batch, i: u32, count: u32, made: Deal): u32 {
  const k0 = dealer.k0;
  const k1 = dealer.k1;
  const parts = dealer.parts;
  let latest = made.latest;
  for (; i < count; i++) {
    const data = load<u32>(batch.data + (i << 2));
    if (!isPlain(data, load<u32>(batch.lengths + (i << 2)))) break;
    latest = laterTime(batch, i, latest);
    const part = partOfPair(load<u32>(data, SOURCE), load<u32>(data, SOURCE + 4), k0, k1, parts);
    store<u8>(owners + i, part);
  }
  made.latest = latest;
  return i;
}

// @ts-ignore: decorator
@inline
function laterTime(batch: Batch, i: u32, latest: f64): f64 {
  const time = load<f64>(batch.times + (i << 3));
  // What is no time moves no clock: see clock.ts.
  const later = !(time <= latest) && time >= -LAST_MS && time <= LAST_MS ? time : latest;
  store<f64>(batch.times + (i << 3), later);
  return later;
}

/** Puts the packets of one engine side by side. Returns where they end, from the deal's first byte. */
function gather(batch: Batch, count: u32, part: u32, hand: Hand, number: u32): u32 {
  const column = hand.count << 2;
  let times = <usize>dealer.deal + hand.columns;
  let offsets = times + (column << 1);
  const start = <usize>dealer.deal + hand.packets;
  let to = start;
  for (let first: u32 = 0; first < count; first += GROUP) {
    for (let owned = ownedBy(part, first, count); owned; owned &= owned - 1) {
      const i = first + ctz(owned);
      const length = load<u32>(batch.lengths + (i << 2));
      store<f64>(times, load<f64>(batch.times + (i << 3)));
      store<u32>(offsets, <u32>(to - start));
      store<u32>(offsets + column, length);
      store<u32>(offsets + 2 * column, number + i);
      copyPacket(to, load<u32>(batch.data + (i << 2)), length);
      to += wholeWords(length);
      times += 8;
      offsets += 4;
    }
  }
  return <u32>to - dealer.deal;
}

function gatherWireLengths(batch: Batch, count: u32, part: u32, hand: Hand): void {
  let to = <usize>dealer.deal + hand.columns + hand.count * COLUMNS;
  for (let first: u32 = 0; first < count; first += GROUP) {
    for (let owned = ownedBy(part, first, count); owned; owned &= owned - 1) {
      store<u32>(to, load<u32>(batch.wireLengths + ((first + ctz(owned)) << 2)));
      to += WIRE_LENGTH;
    }
  }
}

/** By vectors, the last of which may lie over the one before it. (A call of memory.copy takes longer than all of it.) */
// @ts-ignore: decorator
@inline
function copyPacket(to: usize, from: usize, length: u32): void {
  if (length < 16) {
    memory.copy(to, from, length);
    return;
  }
  const last = length - 16;
  for (let k: u32 = 0; k < last; k += 16) v128.store(to + k, v128.load(from + k));
  v128.store(to + last, v128.load(from + last));
}

// @ts-ignore: decorator
@inline
function wholeWords(bytes: u32): u32 {
  return (bytes + GAP) & ~GAP;
}

/** Nearly every frame: Ethernet, and an IPv4 packet that quotes no other. Its addresses are all that counts. */
// @ts-ignore: decorator
@inline
function isPlain(data: usize, length: u32): bool {
  if (length < ETHERNET_HEADER + IPV4_HEADER) return false;
  if (load<u16>(data, 12) != RAW_IPV4 || load<u8>(data, ETHERNET_HEADER) >>> 4 != 4) return false;
  return load<u8>(data, ETHERNET_HEADER + 9) != Protocol.ICMP;
}

/** The number of the engine that any packet falls to. What has no addresses falls to the first. */
function partOf(data: u32, length: u32, wireLength: u32): u32 {
  const packet = seen;
  packet.data = data;
  packet.length = length;
  packet.wireLength = wireLength;
  packet.family = 0;
  // Sent by this machine: no address is refused.
  packet.hook = <u8>Hook.OUTPUT;
  parseAny(packet, false);
  if (packet.stage == Stage.ICMP && packet.l4Captured > 0 && isError(packet)) readQuotedTuple(packet);
  if (packet.family == Family.IPV4) {
    return partOfSeen(<u32>packet.address, packet.address >>> 32);
  }
  if (packet.family != Family.IPV6) return 0;
  return partOfSeen(folded(packet.src0, packet.src1), folded(packet.dst0, packet.dst1));
}

// @ts-ignore: decorator
@inline
function folded(high: u64, low: u64): u64 {
  return rotl((high ^ dealer.k0) * dealer.k1, 32) ^ low;
}

/** The same whichever address comes first. No SipHash: who floods one pair of addresses floods one engine anyway. */
// @ts-ignore: decorator
@inline
function partOfPair(a: u64, b: u64, k0: u64, k1: u64, parts: u64): u32 {
  let hash = (min(a, b) ^ k0) * k1;
  hash = ((hash ^ (hash >>> 32)) + max(a, b)) * k1;
  hash = (hash ^ (hash >>> 32)) * k1;
  return <u32>(((hash >>> 32) * parts) >>> 32);
}

// @ts-ignore: decorator
@inline
function partOfSeen(a: u64, b: u64): u32 {
  return partOfPair(a, b, dealer.k0, dealer.k1, dealer.parts);
}
