/**
 * What leaves for a datagram that came in fragments: the same pieces. Where those do not fit any more, because their
 * headers have changed, pieces as long as the longest fragment was. An IPv6 packet that is no longer than that leaves
 * whole.
 */
import { reserveBlocks } from "../arena";
import { setWord, sipHashWords } from "../sip-hash";
import { Packet } from "../layout";
import { Hook } from "../shared/ct-state";
import { ExtensionHeader, Family, Protocol } from "../shared/protocol";
import { Sysctl } from "../shared/sysctl";
import { sysctl } from "../sysctl";
import { datagram, hasChangedLength, isDatagram, joinPieces, nextBegin, takeWhole } from "./datagram";
import { announcerOf, repeatedHeaders } from "./ipv6-headers";
import { DONT_FRAGMENT, MORE_FRAGMENTS, withoutUncopied, writeChecksum } from "./ipv4-header";
import { be16 } from "../wire/bytes";
import { FRAGMENT_HEADER, IPV6_HEADER, SCTP_HEADER, TCP_HEADER } from "../wire/header-size";

/** Smallest MTU of IPv6 (RFC 8200 section 5). */
export const MIN_MTU6: u32 = 1280;


@unmanaged
class Output {
  /** Room for one piece. */
  at: u32;
  /** Bytes of headers that each piece repeats, those of a fragment header not counted. */
  headers: u32;
  /** Payload of pieces, 0 when they are those that came. */
  size: u32;
  /** Where the next piece's payload begins in the datagram; whatever leaves whole begins at 0. */
  next: u32;
  /** IPv6: the packet leaves as it is. */
  whole: u32;
  /** IPv6: where the header stands that announces the payload. */
  announcer: u32;
  id: u32;
  /** Ids given out. */
  ids: u64;
}

const output = changetype<Output>(memory.data(offsetof<Output>(), 8));

/** Begins with the pieces of the datagram that has just been put together. False when memory is out. */
export function startPieces(): bool {
  if (!output.at) output.at = <u32>reserveBlocks(2);
  if (!output.at) return false;
  if (datagram.family == Family.IPV6) start6();
  else start4();
  if (output.whole) output.next = 0;
  else output.next = output.headers ? output.headers : datagram.total;
  return true;
}

/** Has a packet, or the datagram, leave in pieces of at most `mtu` bytes. False when memory is out. */
export function cutPacket(packet: Packet, mtu: u32): bool {
  if (isDatagram(packet)) {
    hasChangedLength();
    datagram.largest = min(datagram.largest, mtu);
  } else {
    if (!takeWhole(packet)) return false;
    datagram.largest = mtu;
  }
  return startPieces();
}

/** Bytes of the datagram as it leaves, which may have changed on its way. */
export function finishedBytes(): u32 {
  if ((<u32>hasChangedLength()) | datagram.joined) startPieces();
  return datagram.known;
}

function start4(): void {
  output.headers = (<u32>(load<u8>(datagram.at) & 15)) << 2;
  output.whole = 0;
  const size = datagram.largest - output.headers;
  output.size = joinFirst() && samePieces(size) ? 0 : size;
}

/** Has the first piece end where it has been joined to on the way. False: no fragment can end there. */
function joinFirst(): bool {
  const joined = max(datagram.joined, joinedOnArrival());
  const needed = output.headers + joined;
  if (nextBegin(0) >= needed || datagram.total < needed) return true;
  if (joined & 7) return false;
  joinPieces(joined);
  return true;
}

/**
 * Bytes of the transport header that are joined where a packet arrives: of TCP to look for a socket of the router's own, of SCTP
 * to verify it. (A TCP checksum is verified across pieces.)
 */
function joinedOnArrival(): u32 {
  if (datagram.hook != Hook.PREROUTING) return 0;
  const protocol = <u32>load<u8>(datagram.at, 9);
  if (protocol == Protocol.TCP) return TCP_HEADER;
  return protocol == Protocol.SCTP && sysctl(Sysctl.CHECKSUM) ? SCTP_HEADER : 0;
}

function start6(): void {
  output.whole = datagram.total <= datagram.largest ? 1 : 0;
  if (output.whole) return;
  // Headers that do not end in the first fragment cannot be repeated: nothing leaves.
  output.headers = repeatedHeaders(datagram.at, min(nextBegin(0), datagram.known));
  if (!output.headers) return;
  output.announcer = announcerOf(datagram.at, output.headers);
  const size = max(datagram.largest, MIN_MTU6) - output.headers - FRAGMENT_HEADER;
  output.size = samePieces(size) ? 0 : size;
  setWord(0, ++output.ids | ((<u64>8) << 56));
  output.id = <u32>sipHashWords(1);
}

/** Whether each piece that came fits into `size` bytes, and the first, whose headers may have moved, ends evenly. */
function samePieces(size: u32): bool {
  let from = output.headers;
  let to = nextBegin(from);
  if (datagram.headers + 8 > to || from >= to || (to < datagram.total && (to - from) & 7)) return false;
  while (from < datagram.total) {
    if (to - from > size) return false;
    from = to;
    to = nextBegin(from);
  }
  return true;
}

/** Writes the next piece. Returns its length, 0 when there are no more. */
export function nextPiece(): u32 {
  const from = output.next;
  if (from >= datagram.total) return 0;
  if (output.whole) {
    output.next = datagram.total;
    memory.copy(output.at, datagram.at, datagram.known);
    return datagram.known;
  }
  let to = output.size ? from + output.size : nextBegin(from);
  if (to >= datagram.total) to = datagram.total;
  else if (output.size) to = from + (output.size & ~7);
  output.next = to;
  const headers = datagram.family == Family.IPV6 ? piece6(from, to) : piece4(from, to);
  // As much as the capture has of it.
  const bytes = max(min(to, datagram.known), from) - from;
  memory.copy(output.at + headers, datagram.at + from, bytes);
  return headers + bytes;
}

/** Where pieces are written. */
export function pieceAddress(): u32 {
  return output.at;
}

function piece4(from: u32, to: u32): u32 {
  const at = output.at;
  const headers = output.headers;
  memory.copy(at, datagram.at, headers);
  if (from > headers) withoutUncopied(at, headers);
  let word = (from - headers) >>> 3;
  if (to < datagram.total) word |= MORE_FRAGMENTS;
  // Linux loses DF on pieces that leave as they came.
  if (output.size) word |= be16(datagram.at + 6) & DONT_FRAGMENT;
  store<u16>(at, bswap<u16>(<u16>(headers + to - from)), 2);
  store<u16>(at, bswap<u16>(<u16>word), 6);
  writeChecksum(at, headers);
  return headers;
}

function piece6(from: u32, to: u32): u32 {
  const at = output.at;
  const headers = output.headers;
  memory.copy(at, datagram.at, headers);
  const fragment = at + headers;
  const word = (from - headers) | (to < datagram.total ? 1 : 0);
  store<u8>(fragment, load<u8>(at + output.announcer));
  store<u8>(fragment, 0, 1);
  store<u16>(fragment, bswap<u16>(<u16>word), 2);
  store<u32>(fragment, bswap<u32>(output.id), 4);
  store<u8>(at + output.announcer, ExtensionHeader.FRAGMENT);
  store<u16>(at, bswap<u16>(<u16>(headers - IPV6_HEADER + FRAGMENT_HEADER + to - from)), 4);
  return headers + FRAGMENT_HEADER;
}
