/**
 * Where the TCP window is checked. A segment must lie in the window its receiver offered, and acknowledge nothing
 * that was not sent, as far as the router in the middle can know (Guido van Rooij, "Real Stateful TCP Packet
 * Filtering in IP Filter", 2001). Numbers are compared modulo 2^32.
 */
import { offsetOf, shiftOf } from "../flow-sequence";
import { Packet } from "../layout";
import { Direction } from "../shared/ct-state";
import { Reason } from "../shared/reason";
import { Status } from "../shared/status";
import { Sysctl } from "../shared/sysctl";
import { TcpClass, TcpFlag, TcpState } from "../shared/tcp-state";
import { sysctl } from "../sysctl";
import { ACK, RST, Segment, SYN } from "../wire/tcp";
import { acknowledgementOf, windowOf, wordOf } from "../wire/tcp-ack";
import { highestSack, readSynOptions } from "../wire/tcp-options";
import { after, before } from "./sequence";
import {
  bothFlags,
  flagsOf,
  lastDirection,
  peerOf,
  scaleOf,
  setBothFlags,
  setFlags,
  setScale,
  TcpFlow,
} from "./tcp-flow";

export enum Window {
  INSIDE = 0,
  /** Outside, but harmless: the segment passes and changes nothing. */
  IGNORE = 1,
  OUTSIDE = 2,
}

/** An acknowledgement may lag behind by at least this much: more than any unscaled window. */
const MIN_ACK_LAG: u32 = 66000;

/** Takes the sender's numbers and options from a SYN, forgetting what an earlier one said. */
export function initSender(flow: TcpFlow, segment: Segment, direction: u32): void {
  const sender = peerOf(flow, direction);
  sender.end = segment.end;
  sender.maxEnd = segment.end;
  sender.maxWindow = max<u32>(segment.window, 1);
  // A SYN without options leaves what an earlier one of them said.
  if (segment.optionsEnd > segment.options) {
    const options = readSynOptions(segment);
    setScale(flow, direction, options >>> 8);
    setFlags(flow, direction, (flagsOf(flow, direction) & TcpFlag.BE_LIBERAL) | (options & 0xff));
  }
}

/** What a flow's first SYN lets its receiver send, of whose numbers nothing is known: they count from 0. */
// @ts-ignore: decorator
@inline
export function offerWindow(flow: TcpFlow, segment: Segment, receiver: u32): void {
  peerOf(flow, receiver).maxEnd = max<u32>(segment.window, 1);
}

/** RFC 7323 section 2.2: windows are scaled only when both SYNs carried the option. */
// @ts-ignore: decorator
@inline
function settleScaling(flow: TcpFlow): void {
  const both = flagsOf(flow, Direction.ORIGINAL) & flagsOf(flow, Direction.REPLY) & TcpFlag.WINDOW_SCALE;
  if (!both) flow.scales = 0;
}

/** Checks a segment and, when it is inside, brings the flow's numbers up to date. */
// @ts-ignore: decorator
@inline
export function checkWindow(
  flow: TcpFlow,
  segment: Segment,
  direction: u32,
  state: u32,
  packet: Packet,
): Window {
  const sender = peerOf(flow, direction);
  const receiver = peerOf(flow, direction ^ 1);
  const isSyn = (segment.flags & SYN) != 0;
  let seq = segment.seq;
  let end = segment.end;
  let ack = segment.ack;
  let sack = ack;
  if (flagsOf(flow, direction ^ 1) & TcpFlag.SACK_PERM)
    sack = highestSack(segment.options, segment.optionsEnd, ack);
  if (flow.status & Status.SEQ_ADJUST) {
    // The sender acknowledges numbers as its side is shown them.
    const offset = offsetOf(shiftOf(flow, direction ^ 1), ack - 1);
    ack -= offset;
    sack -= offset;
  }

  if (sender.maxWindow == 0) {
    if (isSyn) {
      initSender(flow, segment, direction);
      if (direction == Direction.REPLY) settleScaling(flow);
      // A SYN that answers a SYN: simultaneous open, nothing is acknowledged yet.
      if (!(segment.flags & ACK)) return Window.INSIDE;
    } else {
      // Picked up in the middle: believe the first segment of this side.
      sender.end = end;
      sender.maxWindow = max<u32>((<u32>segment.window) << scaleOf(flow, direction), 1);
      sender.maxEnd = end + sender.maxWindow;
      if (receiver.maxWindow == 0) {
        receiver.end = sack;
        receiver.maxEnd = sack;
      } else if (sack == receiver.end + 1) {
        // The answer to a keep-alive acknowledges one byte that was never sent.
        receiver.end++;
      }
    }
  } else if (isSyn && after(end, sender.end) && (state == TcpState.SYN_SENT || state == TcpState.SYN_RECV)) {
    // A new SYN with other numbers; which one the peer will answer is not known.
    initSender(flow, segment, direction);
    if (direction == Direction.REPLY) {
      settleScaling(flow);
      if (!(segment.flags & ACK)) return Window.INSIDE;
    }
  }

  // Segments that acknowledge nothing, and RSTs of hosts that never heard of the connection, stand at the edge.
  if (!(segment.flags & ACK) || ((segment.flags & RST) != 0 && ack == 0)) {
    ack = receiver.end;
    sack = ack;
  }
  if (segment.flags & RST && seq == 0 && state == TcpState.SYN_SENT) {
    seq = sender.end;
    end = seq;
  }

  const acknowledges = (segment.flags & ACK) != 0;
  const offer = (<u32>segment.window) << (isSyn ? 0 : scaleOf(flow, direction));
  // What must not count is given as what is known already.
  const known = receiver.maxWindow != 0;
  const zero = i32x4.splat(0);
  const bounds = i32x4.replace_lane(i32x4.replace_lane(zero, 2, known ? end : sender.end), 3, sack);
  const news = lanes(end, sack, known ? end : sender.maxEnd, acknowledges ? ack : sender.maxAck);
  const start = i32x4.replace_lane(news, 0, seq);
  const s = peerVector(flow, direction);
  const r = peerVector(flow, direction ^ 1);
  if (!isInside(s, r, start, bounds)) return whyOutside(flow, direction, packet, seq, end, sack);
  const gain = slide(flow, direction, s, r, news, offer, sack - ack);
  const all = ack == receiver.end;
  let flags = bothFlags(flow);
  if (acknowledges) flags = noteFirstAck(flow, direction, ack, flags);
  flags = flagsAfter(flags, direction, gain != 0, all);
  // An ACK's numbers are kept beside the flags: one store, which the next reader finds whole.
  if (segment.class != TcpClass.ACK) setBothFlags(flow, flags);
  else noteRetransmission(flow, direction, lanes(flags | ((<u32>segment.window) << 16), seq, ack, end));
  return Window.INSIDE;
}

/**
 * The same for an ACK or a FIN without SACK between two peers that are both known, which most segments are. False:
 * nothing has been done, it is left to checkWindow().
 * @param header what readAck() has read
 * @param size sequence numbers that the segment takes; `fin`: 1 when the last one is a FIN's
 */
// @ts-ignore: decorator
@inline
export function slideEstablished(flow: TcpFlow, direction: u32, header: v128, size: u32, fin: u32): bool {
  const zero = i32x4.splat(0);
  const window = windowOf(wordOf(header));
  const ends = i32x4.add(header, i32x4.replace_lane(zero, 0, size));
  const s = peerVector(flow, direction);
  const r = peerVector(flow, direction ^ 1);
  if (!isInside(s, r, header, v128.shuffle<u64>(zero, ends, 0, 2))) return false;
  const news = v128.shuffle<u32>(ends, ends, 0, 1, 0, 1);
  const gain = slide(flow, direction, s, r, news, window << scaleOf(flow, direction), 0);
  const ack = acknowledgementOf(header);
  const all = ack == peerOf(flow, direction ^ 1).end;
  let flags = bothFlags(flow);
  if ((flags & BOTH_ACKNOWLEDGED) != BOTH_ACKNOWLEDGED) flags = noteFirstAck(flow, direction, ack, flags);
  flags = flagsAfter(flags, direction, gain != 0, all);
  if (fin) {
    setBothFlags(flow, flags);
  } else {
    const last = v128.shuffle<u32>(header, ends, 0, 0, 1, 4);
    noteRetransmission(flow, direction, i32x4.replace_lane(last, 0, flags | (window << 16)));
  }
  return true;
}

const BOTH_ACKNOWLEDGED: u32 = TcpFlag.MAXACK_SET * 0x101;

/** A side that has acknowledged nothing yet may do so now. Returns both sides' flags. */
// @ts-ignore: decorator
@inline
function noteFirstAck(flow: TcpFlow, direction: u32, ack: u32, flags: u32): u32 {
  const set = TcpFlag.MAXACK_SET << (direction << 3);
  if (!(flags & set)) peerOf(flow, direction).maxAck = ack;
  return flags | set;
}

// @ts-ignore: decorator
@inline
function lanes(a: u32, b: u32, c: u32, d: u32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(a), 1, b), 2, c), 3, d);
}

/** MIN_ACK_LAG where windows are compared; and the lanes that a segment may raise in its sender and receiver. */
const minAckLag: usize = memory.data<u32>([0, 0, 0, MIN_ACK_LAG], 16);
const ofSender: usize = memory.data<u32>([0xffffffff, 0, 0, 0xffffffff], 16);
const ofReceiver: usize = memory.data<u32>([0, 0xffffffff, 0xffffffff, 0], 16);

/** A peer's numbers: end, maxEnd, maxWindow, maxAck. */
// @ts-ignore: decorator
@inline
function peerVector(flow: TcpFlow, direction: u32): v128 {
  return v128.load(changetype<usize>(peerOf(flow, direction)));
}

/**
 * Checks a segment against all four bounds at once. Here as in slide() a peer is one vector and nothing branches,
 * because whether a segment brings data or news cannot be predicted. (9 ns less than with numbers one by one.)
 * @param s its sender, r its receiver
 * @param start first sequence number, highest acknowledgement (SACK included)
 * @param bounds 0, 0, sequence number behind the last one, highest acknowledgement
 */
// @ts-ignore: decorator
@inline
function isInside(s: v128, r: v128, start: v128, bounds: v128): bool {
  // sender.end, receiver.end, sender.maxEnd, receiver.maxEnd; and so on.
  const ends = v128.shuffle<u32>(s, r, 0, 4, 1, 5);
  const windows = v128.shuffle<u32>(s, r, 2, 6, 3, 7);
  // The segment starts where there is room, and acknowledges nothing that was not sent;
  // it ends within the receiver's window, and its acknowledgement is not too old.
  const left = v128.shuffle<u64>(start, ends, 0, 2);
  const right = v128.shuffle<u32>(ends, windows, 2, 1, 5, 4);
  const limit = i32x4.add(i32x4.max_u(right, v128.load(minAckLag)), bounds);
  const distance = i32x4.sub(left, limit);
  return i32x4.bitmask(i32x4.add(distance, i32x4.splat(-1))) == 15;
}

/**
 * Brings the peers' numbers up to date with a segment that is inside. Returns how much further the sender's data
 * reach now.
 * @param news sequence number behind the last one, highest acknowledgement, the former again, acknowledgement
 * @param offer the window, scaled; `beyond`: how far SACK reaches beyond the acknowledgement
 */
// @ts-ignore: decorator
@inline
function slide(flow: TcpFlow, direction: u32, s: v128, r: v128, news: v128, offer: u32, beyond: u32): i32 {
  const zero = i32x4.splat(0);
  const more = i32x4.max_s(v128.and(i32x4.sub(news, s), v128.load(ofSender)), zero);
  const widest = i32x4.max_u(i32x4.add(s, more), i32x4.replace_lane(zero, 2, offer + beyond));
  v128.store(changetype<usize>(peerOf(flow, direction)), widest);
  // A window of 0 leaves room for a probe of one byte.
  const room = i32x4.add(news, i32x4.replace_lane(zero, 1, offer + <u32>(offer == 0)));
  const ends = v128.shuffle<u32>(s, r, 0, 4, 1, 5);
  const reach = i32x4.sub(room, v128.shuffle<u32>(ends, ends, 0, 3, 2, 0));
  v128.store(
    changetype<usize>(peerOf(flow, direction ^ 1)),
    i32x4.add(r, i32x4.max_s(v128.and(reach, v128.load(ofReceiver)), zero)),
  );
  return i32x4.extract_lane(more, 0);
}

/** Both sides' flags after a segment: DATA_UNACKNOWLEDGED of its sender, and of its receiver. */
// @ts-ignore: decorator
@inline
function flagsAfter(flags: u32, direction: u32, sendsMore: bool, acknowledgesAll: bool): u32 {
  const own =
    TcpFlag.DATA_UNACKNOWLEDGED +
    direction * ((TcpFlag.DATA_UNACKNOWLEDGED << 8) - TcpFlag.DATA_UNACKNOWLEDGED);
  const other = (TcpFlag.DATA_UNACKNOWLEDGED * 0x101) ^ own;
  flags = select(flags | own, flags, sendsMore);
  return select(flags & ~other, flags, acknowledgesAll);
}

/** Which bound it was: that decides whether the segment passes all the same. */
function whyOutside(flow: TcpFlow, direction: u32, packet: Packet, seq: u32, end: u32, sack: u32): Window {
  const sender = peerOf(flow, direction);
  const receiver = peerOf(flow, direction ^ 1);
  const lowestAck = receiver.end - max(sender.maxWindow, MIN_ACK_LAG) - 1;
  const seqFloor = sender.end - receiver.maxWindow - 1;
  const inReceiveWindow = receiver.maxWindow == 0 || after(end, seqFloor);
  if (!before(seq, sender.maxEnd + 1)) {
    const over = end - sender.maxEnd + 1;
    const tolerable =
      receiver.maxWindow != 0 &&
      inReceiveWindow &&
      after(sack, lowestAck) &&
      before(sack, receiver.end + 1) &&
      over <= receiver.maxWindow;
    if (tolerable) {
      sender.end = end;
      setFlags(flow, direction, flagsOf(flow, direction) | TcpFlag.DATA_UNACKNOWLEDGED);
      return outside(flow, direction, packet, Window.IGNORE, Reason.TCP_OVERSHOT, over, sender.maxEnd + 1);
    }
    return outside(flow, direction, packet, Window.OUTSIDE, Reason.TCP_SEQ_OVER, seq, sender.maxEnd + 1);
  }
  if (!before(sack, receiver.end + 1)) {
    return outside(flow, direction, packet, Window.OUTSIDE, Reason.TCP_ACK_OVER, sack, receiver.end + 1);
  }
  if (!inReceiveWindow) {
    return outside(flow, direction, packet, Window.IGNORE, Reason.TCP_SEQ_UNDER, end, seqFloor);
  }
  return outside(flow, direction, packet, Window.IGNORE, Reason.TCP_ACK_UNDER, sack, lowestAck);
}

/** With be_liberal, set for all or for a picked-up flow, what lies outside is accepted as it is. */
function outside(
  flow: TcpFlow,
  direction: u32,
  packet: Packet,
  window: Window,
  reason: Reason,
  number: u32,
  bound: u32,
): Window {
  if (flagsOf(flow, direction) & TcpFlag.BE_LIBERAL || sysctl(Sysctl.TCP_BE_LIBERAL)) return Window.INSIDE;
  packet.reason = <u8>reason;
  packet.a = number;
  packet.b = bound;
  return window;
}

const exceptFlags: usize = memory.data<u32>([0xffff0000, 0xffffffff, 0xffffffff, 0xffffffff], 16);

/**
 * The same acknowledgement again and again: the peer may be gone, which shortens the timeout. `last`: both sides'
 * flags and the window, sequence number, acknowledgement and end, as they lie in the flow. Stored whether or not
 * they are the same: which of the two cannot be predicted. The direction is the commit's.
 */
// @ts-ignore: decorator
@inline
function noteRetransmission(flow: TcpFlow, direction: u32, last: v128): void {
  const at = changetype<usize>(flow);
  const before = v128.load(at, offsetof<TcpFlow>("originalFlags"));
  const differs = <u32>v128.any_true(v128.and(v128.xor(before, last), v128.load(exceptFlags)));
  const turns = lastDirection(flow) ^ direction;
  flow.retransmissions = <u8>select<u32>(0, <u32>flow.retransmissions + 1, differs | turns);
  v128.store(at, last, offsetof<TcpFlow>("originalFlags"));
}

if (offsetof<TcpFlow>("lastWindow") != offsetof<TcpFlow>("originalFlags") + 2) ERROR("noteRetransmission");
if (offsetof<TcpFlow>("lastEnd") != offsetof<TcpFlow>("originalFlags") + 12) ERROR("noteRetransmission");
