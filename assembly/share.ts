/**
 * One engine of several. All of them see all packets, and each keeps those that fall to it by their addresses: so both
 * directions of a flow, the fragments of a datagram, what a helper announces between the same ends and, by the packet
 * that it quotes, an ICMP error meet in one engine, and nobody has to hand packets out one by one.
 */
import { reserveBlocks } from "./arena";
import { setTime } from "./batch";
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
class Share {
  /** What all engines have in common: nobody outside can tell which addresses fall to the same one. */
  k0: u64;
  k1: u64;
  /** This engine's number, and how many there are. */
  part: u32;
  parts: u32;
  /** The latest time of any packet, its own or not. */
  latest: f64;
  /** Address of the column of numbers that the packets kept had. */
  numbers: u32;
}

/** Where the source address of an IPv4 packet stands in an Ethernet frame; the destination follows. */
const SOURCE: usize = 26;

const share = changetype<Share>(memory.data(offsetof<Share>(), 8));
/** The packet that is looked at. */
const seen = changetype<Packet>(memory.data(offsetof<Packet>(), 8));

/** To be called once. Returns the address of the column of numbers, for so many packets; 0 when there is no memory. */
export function openShare(part: u32, parts: u32, rows: u32, w0: u32, w1: u32, w2: u32, w3: u32): u32 {
  share.part = part;
  share.parts = parts;
  share.k0 = (<u64>w0) | ((<u64>w1) << 32);
  // Odd: multiplication by it loses nothing.
  share.k1 = (<u64>w2) | ((<u64>w3) << 32) | 1;
  share.latest = -Infinity;
  share.numbers = <u32>reserveBlocks((rows * 4 + BLOCK - 1) / BLOCK);
  return share.numbers;
}

/**
 * Of packets first..end-1 of a batch, keeps those of this engine: they move up, and their numbers, counted from
 * `first`, are put into the column. Returns how many there are. Each comes when it would have come to one engine for all: at
 * the latest time of the packets up to it.
 */
export function keepShare(address: u32, first: u32, end: u32): u32 {
  const batch = changetype<Batch>(address);
  const link = packetAt(rowAddress(batch, first)).link;
  seen.link = link;
  let latest = share.latest;
  let kept: u32 = 0;
  for (let i = first; i < end; i++) {
    const time = load<f64>(batch.times + (i << 3));
    if (time > latest && time <= LAST_MS) latest = time;
    const data = load<u32>(batch.data + (i << 2));
    const length = load<u32>(batch.lengths + (i << 2));
    const wireLength = load<u32>(batch.wireLengths + (i << 2));
    const part = isPlain(data, length, link)
      ? partOfPair(load<u32>(data, SOURCE), load<u32>(data, SOURCE + 4))
      : partOf(data, length, wireLength);
    // Whose it is cannot be predicted, and a wrong guess costs more than these stores: the next one may overwrite them.
    const to = first + kept;
    store<f64>(batch.times + (to << 3), latest);
    store<u32>(batch.data + (to << 2), data);
    store<u32>(batch.lengths + (to << 2), length);
    store<u32>(batch.wireLengths + (to << 2), wireLength);
    store<u32>(share.numbers + (kept << 2), i - first);
    kept += <u32>(part == share.part);
  }
  share.latest = latest;
  return kept;
}

/** Moves the clock to the latest packet, whoever has kept it. */
export function catchUp(): void {
  setTime(share.latest);
}

/** Nearly every frame: Ethernet, and an IPv4 packet that quotes no other. Its addresses are all that counts. */
// @ts-ignore: decorator
@inline
function isPlain(data: usize, length: u32, link: u32): bool {
  if (link != LinkType.ETHERNET || length < ETHERNET_HEADER + IPV4_HEADER) return false;
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
    return partOfPair(<u32>packet.address, packet.address >>> 32);
  }
  if (packet.family != Family.IPV6) return 0;
  return partOfPair(folded(packet.src0, packet.src1), folded(packet.dst0, packet.dst1));
}

// @ts-ignore: decorator
@inline
function folded(high: u64, low: u64): u64 {
  return rotl((high ^ share.k0) * share.k1, 32) ^ low;
}

/** The same whichever address comes first. No SipHash: who floods one pair of addresses floods one engine anyway. */
// @ts-ignore: decorator
@inline
function partOfPair(a: u64, b: u64): u32 {
  let hash = (min(a, b) ^ share.k0) * share.k1;
  hash = ((hash ^ (hash >>> 32)) + max(a, b)) * share.k1;
  hash = (hash ^ (hash >>> 32)) * share.k1;
  return <u32>(((hash >>> 32) * <u64>share.parts) >>> 32);
}
