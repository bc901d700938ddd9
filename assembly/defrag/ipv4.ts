/**
 * Reassembly of IPv4 (RFC 791 section 3.2, RFC 5722's answer to overlaps), by Linux's rules: whatever contradicts
 * itself ends the queue, a length that is no multiple of eight is rounded down.
 */
import { Packet } from "../layout";
import { FragmentFate } from "../shared/fragment-fate";
import { Sysctl } from "../shared/sysctl";
import { sysctl } from "../sysctl";
import { be16 } from "../wire/bytes";
import { cellsNeeded, Collected, ecnToAdd, enter, goOn, heldAs, isComplete, join, noteEnd } from "./collect";
import { datagram } from "./datagram";
import { DONT_FRAGMENT, MORE_FRAGMENTS, OFFSET, writeChecksum } from "./ipv4-header";
import { Fragment } from "./fragment";
import { dropQueue, Queue, queueFor, restartQueue } from "./queue";
import { countFragment } from "./source";

/** `packet`: parsed up to its transport header. */
export function collectIpv4(packet: Packet): Collected {
  const at = packet.l3;
  const word = be16(at + 6);
  const headers = packet.l4 - at;
  const from = (word & OFFSET) << 3;
  const cells = cellsNeeded(headers + packet.l4Captured, from, from + packet.l4Length);
  const queue = queueFor(packet, be16(at + 4), cells);
  if (!queue) return heldAs(packet, FragmentFate.NO_ROOM);
  if (isTooFar(queue)) restartQueue(queue, packet.now);
  const fate = insert(queue, packet, word, headers, from);
  if (fate != FragmentFate.HELD) {
    if (fate != FragmentFate.COPY) dropQueue(queue);
    return heldAs(packet, fate);
  }
  return isComplete(queue) ? finish(queue, packet) : heldAs(packet, FragmentFate.HELD);
}

/** Counts the fragment; true when too many of its source lie between it and the queue's latest. */
function isTooFar(queue: Queue): bool {
  if (!queue.source) return false;
  const number = countFragment(queue.source);
  const distance = number - queue.rank;
  queue.rank = number;
  const most = sysctl(Sysctl.FRAG4_MAX_DIST);
  return most != 0 && queue.gathered != 0 && distance > most;
}

function insert(queue: Queue, packet: Packet, word: u32, headers: u32, from: u32): FragmentFate {
  let to = from + packet.l4Length;
  const more = (word & MORE_FRAGMENTS) != 0;
  if (more) to &= ~7;
  if (!noteEnd(queue, to, more)) return FragmentFate.END;
  const fate = enter(queue, packet, headers, from, to, packet.l4, packet.l4Captured);
  if (fate != FragmentFate.HELD) return fate;
  queue.ecn |= 1 << ((<u32>load<u8>(packet.l3, 1)) & 3);
  const length = headers + to - from;
  queue.largest = max(queue.largest, length);
  if (word & DONT_FRAGMENT) queue.largestDf = max(queue.largestDf, length);
  return FragmentFate.HELD;
}

function finish(queue: Queue, packet: Packet): Collected {
  const headers = <u32>changetype<Fragment>(queue.first).headers;
  const joined = join(queue, headers + queue.total);
  if (joined == FragmentFate.HELD) writeHeader(queue, headers);
  return goOn(queue, packet, joined);
}

/** The first fragment's, for the whole datagram. DF stays when it was on the longest fragment. */
function writeHeader(queue: Queue, headers: u32): void {
  const at = datagram.at;
  store<u8>(at, <u8>(load<u8>(at, 1) | ecnToAdd(queue)), 1);
  store<u16>(at, bswap<u16>(<u16>datagram.total), 2);
  const word = queue.largestDf == queue.largest ? DONT_FRAGMENT : 0;
  store<u16>(at, bswap<u16>(<u16>word), 6);
  writeChecksum(at, headers);
}
