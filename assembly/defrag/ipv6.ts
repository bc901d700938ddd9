/**
 * Reassembly of IPv6 (RFC 8200 section 4.5, RFC 5722), by the rules of Linux's connection tracking: an atomic
 * fragment (RFC 6946) goes the same way, a fragment that cannot belong to a datagram passes as what it is, and what
 * merely contradicts the datagram's end is dropped alone.
 */
import { Packet } from "../layout";
import { FragmentFate } from "../shared/fragment-fate";
import { be16, be32 } from "../wire/bytes";
import { cellsNeeded, Collected, ecnToAdd, enter, goOn, heldAs, isComplete, join, noteEnd } from "./collect";
import { datagram, LONGEST_PAYLOAD } from "./datagram";
import { Fragment } from "./fragment";
import { announcerOf, reachesTransport } from "./ipv6-headers";
import { dropQueue, Queue, queueFor } from "./queue";
import { FRAGMENT_HEADER, IPV6_HEADER } from "../wire/header-size";

const OFFSET: u32 = 0xfff8;
const MORE: u32 = 1;

/** `packet`: parsed up to its fragment header, which l4 points to. */
export function collectIpv6(packet: Packet): Collected {
  const header = packet.l4;
  const word = be16(header + 2);
  const from = word & OFFSET;
  const length = packet.l4Length - FRAGMENT_HEADER;
  const captured = packet.l4Captured - FRAGMENT_HEADER;
  const dataAt = header + FRAGMENT_HEADER;
  if (!from && !reachesTransport(dataAt, load<u8>(header), length, captured)) {
    return passesAs(packet, FragmentFate.NO_TRANSPORT);
  }
  const headers = header - packet.l3;
  const queue = queueFor(packet, be32(header + 4), cellsNeeded(headers + captured, from, from + length));
  if (!queue) return heldAs(packet, FragmentFate.NO_ROOM);
  const fate = insert(queue, packet, word, headers, from, from + length);
  if (fate == FragmentFate.UNALIGNED) {
    dropQueue(queue);
    return passesAs(packet, fate);
  }
  if (fate == FragmentFate.OVERLAP) dropQueue(queue);
  if (fate != FragmentFate.HELD) return heldAs(packet, fate);
  return isComplete(queue) ? finish(queue, packet) : heldAs(packet, fate);
}

/** To rules it is INVALID, or what its transport header makes of it if it is a first fragment. */
function passesAs(packet: Packet, fate: FragmentFate): Collected {
  packet.a = fate;
  return Collected.PASSES;
}

function insert(queue: Queue, packet: Packet, word: u32, headers: u32, from: u32, to: u32): FragmentFate {
  if (to > LONGEST_PAYLOAD) return FragmentFate.TOO_LONG;
  const more = (word & MORE) != 0;
  if (more && to & 7) return FragmentFate.UNALIGNED;
  if (!noteEnd(queue, to, more)) return FragmentFate.END;
  const dataAt = packet.l4 + FRAGMENT_HEADER;
  const fate = enter(queue, packet, headers, from, to, dataAt, packet.l4Captured - FRAGMENT_HEADER);
  if (fate != FragmentFate.HELD) return fate;
  if (!from) queue.protocol = load<u8>(packet.l4);
  queue.ecn |= 1 << (((<u32>load<u8>(packet.l3, 1)) >>> 4) & 3);
  queue.largest = max(queue.largest, packet.l3Length);
  return FragmentFate.HELD;
}

function finish(queue: Queue, packet: Packet): Collected {
  const headers = <u32>changetype<Fragment>(queue.first).headers;
  const joined = join(queue, headers - IPV6_HEADER + queue.total);
  if (joined == FragmentFate.HELD) writeHeaders(queue, headers);
  return goOn(queue, packet, joined);
}

/** The first fragment's, without its fragment header. */
function writeHeaders(queue: Queue, headers: u32): void {
  const at = datagram.at;
  store<u8>(at + announcerOf(at, headers), queue.protocol);
  store<u16>(at, bswap<u16>(<u16>(datagram.total - IPV6_HEADER)), 4);
  store<u8>(at, <u8>(load<u8>(at, 1) | (ecnToAdd(queue) << 4)), 1);
}
