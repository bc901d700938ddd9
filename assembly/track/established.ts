/**
 * The packet that nearly every packet is: an ACK or a FIN of a TCP connection that has seen replies and has nothing
 * special about it. A few masked comparisons show that of all questions in track.ts only the tracker's are open, and
 * the tracker has a way of its own for them. (20 ns a packet less than track() takes.)
 */
import { packetAt, ROW_SIZE } from "../batch-memory";
import { noteTime, now, nowMs, tickEndMs } from "../clock";
import { lowerHint } from "../flow";
import { candidateFor } from "../flow-table";
import { Flow, FLOW4_SIZE, Kind, ONE_WAY_ZONE, Packet, Stage } from "../layout";
import { CtState, Direction } from "../shared/ct-state";
import { Family, Protocol } from "../shared/protocol";
import { Status } from "../shared/status";
import { NOT_TRACKED, trackEstablished } from "../tracker/tcp";
import { peerOf, TcpFlow } from "../tracker/tcp-flow";
import { matchDirection4, matchDirection6, NO_MATCH } from "../tuple";
import { fold, pseudoHeader, sumFewBytes, transportChecksumHolds } from "../wire/checksum";
import { TCP_HEADER } from "../wire/header-size";
import {
  ACK_WITH_TIMESTAMP,
  hasOnlyTimestamp,
  headerBytes,
  HEADER_WITH_TIMESTAMP,
  PLAIN_ACK,
  readAck,
  shapeOf,
  wordOf,
} from "../wire/tcp-ack";
import { verifies } from "./prepare";
import { leave } from "./track";

/** What the flow must have and what it must not: with a reply seen, all of its packets are ESTABLISHED. */
const NEEDED: u32 = Status.CONFIRMED | Status.SEEN_REPLY;
const SPECIAL: u32 =
  Status.SRC_NAT | Status.DST_NAT | Status.SEQ_ADJUST | Status.DYING | Status.FIXED_TIMEOUT | Status.TEMPLATE;

// Status, protocol and kind of a flow as one word; protocol, family and stage of a packet as another.
const FLOW: u32 = NEEDED | (Protocol.TCP << 16);
const FLOW_MASK: u32 = NEEDED | SPECIAL | (0xff << 16) | ((Kind.IPV6 | ONE_WAY_ZONE) << 24);
const PACKET: u32 = Protocol.TCP | (Family.IPV4 << 8) | (Stage.TUPLE << 16);
const PACKET_MASK: u32 = 0x00ffffff;
/** The bit in which the family of an IPv6 packet differs, and that of its flow. */
const PACKET_IPV6: u32 = (Family.IPV4 ^ Family.IPV6) << 8;
const FLOW_IPV6: u32 = Kind.IPV6 << 24;
if (offsetof<TcpFlow>("kind") != offsetof<TcpFlow>("status") + 3) ERROR("FLOW");
if (offsetof<Packet>("stage") != offsetof<Packet>("protocol") + 2) ERROR("PACKET");

/** Whether a prepared packet may be such a one: a run that ends with its first packet would be wasted. */
// @ts-ignore: decorator
@inline
export function hasReply(packet: Packet): bool {
  // Address 0, no candidate, may be read: its status is 0.
  return (changetype<Flow>(candidateOf(packet)).status & Status.SEEN_REPLY) != 0;
}

/** A flow that no packet meets. */
const nobody: usize = memory.data(FLOW4_SIZE, 16);

/** What the preparation has found, or else what packets have entered since: of a new connection they come close together. */
// @ts-ignore: decorator
@inline
function candidateOf(packet: Packet): u32 {
  if (!packet.candidate) packet.candidate = candidateFor(packet.hash);
  return packet.candidate;
}

/**
 * Tracks prepared packets from `row` to `end`, up to one that is not such: that one is left alone and track() has to
 * look at it; or up to one that has been tracked, which its flow shows, but not without finishEstablished(). Returns
 * where it lies, or `end`. Everything is inlined: with a call in the loop, even one that never happens, V8 keeps all of
 * its variables in memory. `ctStates`: where JavaScript looks for the ct state of the first one.
 */
export function trackEstablishedRun(row: usize, end: usize, ctStates: usize): usize {
  let latest = nowMs();
  const tick = now();
  const tickEnd = tickEndMs();
  for (; row < end; row += ROW_SIZE) {
    const packet = packetAt(row);
    const time = packet.time;
    if (!(time < tickEnd)) break;
    // Address 0, no candidate, may be read: its status is 0.
    const flow = changetype<TcpFlow>(candidateOf(packet));
    const left = flow.deadline - tick;
    const six = load<u32>(row, offsetof<Packet>("protocol")) & PACKET_IPV6;
    if (isSpecial(flow, packet, six) | ((left - 1) >>> 31)) break;
    const header = readAck(packet);
    const word = wordOf(header);
    const shape = shapeOf(word);
    if (shape != PLAIN_ACK) {
      if (shape != ACK_WITH_TIMESTAMP || headerBytes(word) > packet.l4Captured) break;
      if (!hasOnlyTimestamp(packet)) break;
    }
    const direction = six ? matchDirection6(flow, packet) : matchDirection4(flow, packet);
    if (direction == NO_MATCH) break;
    const changes = trackEstablished(flow, packet, direction, header, tick);
    if (changes == NOT_TRACKED) break;
    if (time > latest) latest = time;
    store<u16>(row, CtState.ESTABLISHED | (direction << 8), offsetof<Packet>("ctState"));
    packet.flow = <u32>changetype<usize>(flow);
    packet.generation = flow.generation;
    if (changes) break;
    store<u8>(ctStates++, CtState.ESTABLISHED);
  }
  noteTime(latest);
  return row;
}

/** Nobody reads it: the ct state of a packet that meets rules is given out later. */
const unread: usize = memory.data(8, 8);

/** The same for one packet that meets rules, which leave() waits for. False when enter() has to look at it. */
export function enterEstablished(packet: Packet): bool {
  const row = changetype<usize>(packet);
  const end = trackEstablishedRun(row, row + ROW_SIZE, unread);
  if (!packet.flow) return false;
  if (end == row) lowerHint(changetype<Flow>(packet.flow));
  return true;
}

/** The rest of what a packet has changed. */
export function finishEstablished(packet: Packet): void {
  lowerHint(changetype<Flow>(packet.flow));
  leave(packet, true);
}

/**
 * With nf_conntrack_checksum: takes the candidate from packets that would be tracked above with a wrong checksum, and lets
 * none be looked for, so that track() refuses them.
 */
export function verifyRun(row: usize, end: usize): void {
  for (; row < end; row += ROW_SIZE) {
    const packet = packetAt(row);
    if (packet.protocol != Protocol.TCP || packet.stage != Stage.TUPLE || packet.cut || !verifies(packet))
      continue;
    if (!checksumHolds(packet)) packet.candidate = <u32>nobody;
  }
}

/** Of a segment without data its header alone, and no call. */
// @ts-ignore: decorator
@inline
function checksumHolds(packet: Packet): bool {
  const length = packet.l4Length;
  if (packet.family == Family.IPV6 || length - TCP_HEADER > HEADER_WITH_TIMESTAMP - TCP_HEADER) {
    return transportChecksumHolds(packet, Protocol.TCP, length);
  }
  return fold(sumFewBytes(packet.l4, length, pseudoHeader(packet, Protocol.TCP, length))) == 0xffff;
}

/** 0 when all is as usual: one test. `six`: PACKET_IPV6 for an IPv6 packet, or else 0. */
// @ts-ignore: decorator
@inline
function isSpecial(flow: TcpFlow, packet: Packet, six: u32): u32 {
  const wanted = FLOW ^ (six * (FLOW_IPV6 / PACKET_IPV6));
  return (
    ((load<u32>(changetype<usize>(flow), offsetof<TcpFlow>("status")) ^ wanted) & FLOW_MASK) |
    ((load<u32>(changetype<usize>(packet), offsetof<Packet>("protocol")) ^ PACKET ^ six) & PACKET_MASK) |
    flow.extension |
    flow.zone |
    (((packet.l4Captured - TCP_HEADER) |
      (peerOf(flow, Direction.ORIGINAL).maxWindow - 1) |
      (peerOf(flow, Direction.REPLY).maxWindow - 1)) >>>
      31)
  );
}
