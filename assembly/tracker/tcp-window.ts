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
import { highestSack, readSynOptions } from "../wire/tcp-options";
import { after, before } from "./sequence";
import { flagsOf, lastDirection, peerOf, scaleOf, setFlags, setScale, TcpFlow, TcpPeer } from "./tcp-flow";

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

/** RFC 7323 section 2.2: windows are scaled only when both SYNs carried the option. */
function settleScaling(flow: TcpFlow): void {
  const both = flagsOf(flow, Direction.ORIGINAL) & flagsOf(flow, Direction.REPLY) & TcpFlag.WINDOW_SCALE;
  if (!both) flow.scales = 0;
}

/** Checks a segment and, when it is inside, brings the flow's numbers up to date. */
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
  if (flagsOf(flow, direction ^ 1) & TcpFlag.SACK_PERM) sack = highestSack(segment, ack);
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

  if (!isInside(sender, receiver, seq, end, sack)) {
    return whyOutside(flow, direction, packet, seq, end, sack);
  }
  slide(flow, segment, direction, end, ack, sack, isSyn);
  if (segment.class == TcpClass.ACK) noteRetransmission(flow, segment, direction, seq, ack, end);
  return Window.INSIDE;
}

/**
 * The same for an ACK between two peers that are both known, which most segments are. False: it has been left to
 * checkWindow().
 */
// @ts-ignore: decorator
@inline
export function slideEstablished(flow: TcpFlow, segment: Segment, direction: u32): bool {
  const sender = peerOf(flow, direction);
  const receiver = peerOf(flow, direction ^ 1);
  const seq = segment.seq;
  const end = segment.end;
  const ack = segment.ack;
  let sack = ack;
  if (flagsOf(flow, direction ^ 1) & TcpFlag.SACK_PERM) sack = highestSack(segment, ack);
  if (sender.maxWindow == 0 || !isInside(sender, receiver, seq, end, sack)) return false;
  slide(flow, segment, direction, end, ack, sack, false);
  noteRetransmission(flow, segment, direction, seq, ack, end);
  return true;
}

/** The lowest acknowledgement that is not too old: what the sender may still have been waiting for. */
// @ts-ignore: decorator
@inline
function ackFloor(sender: TcpPeer, receiver: TcpPeer): u32 {
  return receiver.end - max(sender.maxWindow, MIN_ACK_LAG) - 1;
}

/** The four bounds in one test: all of them hold for nearly every segment, which of them does not matters later. */
// @ts-ignore: decorator
@inline
function isInside(sender: TcpPeer, receiver: TcpPeer, seq: u32, end: u32, sack: u32): bool {
  const window = receiver.maxWindow;
  const holds =
    (seq - (sender.maxEnd + 1)) &
    (sack - (receiver.end + 1)) &
    ((sender.end - window - 1 - end) | -(<i32>(window == 0))) &
    (ackFloor(sender, receiver) - sack);
  return <i32>holds < 0;
}

/** Which bound it was: that decides whether the segment passes all the same. */
function whyOutside(flow: TcpFlow, direction: u32, packet: Packet, seq: u32, end: u32, sack: u32): Window {
  const sender = peerOf(flow, direction);
  const receiver = peerOf(flow, direction ^ 1);
  const lowestAck = ackFloor(sender, receiver);
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

/**
 * Brings the flow's numbers up to date with a segment that is inside. Without branches but for what is rare: whether
 * a segment brings data or news cannot be predicted.
 */
// @ts-ignore: decorator
@inline
function slide(
  flow: TcpFlow,
  segment: Segment,
  direction: u32,
  end: u32,
  ack: u32,
  sack: u32,
  isSyn: bool,
): void {
  const sender = peerOf(flow, direction);
  const receiver = peerOf(flow, direction ^ 1);
  const own = <u32>flagsOf(flow, direction);
  let window = <u32>segment.window;
  if (!isSyn) window <<= scaleOf(flow, direction);
  sender.maxWindow = max(sender.maxWindow, window + (sack - ack));
  const sendsMore = after(end, sender.end);
  sender.end = select(end, sender.end, sendsMore);
  let flags = own | (<u32>sendsMore * TcpFlag.DATA_UNACKNOWLEDGED);
  if (segment.flags & ACK) {
    const news = after(ack, sender.maxAck) || !(own & TcpFlag.MAXACK_SET);
    sender.maxAck = select(ack, sender.maxAck, news);
    flags |= TcpFlag.MAXACK_SET;
  }
  setFlags(flow, direction, flags);
  if (receiver.maxWindow != 0 && after(end, sender.maxEnd)) receiver.maxWindow += end - sender.maxEnd;
  const offersMore = after(sack + window, receiver.maxEnd - 1);
  receiver.maxEnd = select(sack + window + <u32>(window == 0), receiver.maxEnd, offersMore);
  const acknowledgesAll = <u32>(ack == receiver.end);
  const others = flagsOf(flow, direction ^ 1);
  setFlags(flow, direction ^ 1, others & ~(acknowledgesAll * TcpFlag.DATA_UNACKNOWLEDGED));
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

/** The same acknowledgement again and again: the peer may be gone, which shortens the timeout. */
// @ts-ignore: decorator
@inline
function noteRetransmission(
  flow: TcpFlow,
  segment: Segment,
  direction: u32,
  seq: u32,
  ack: u32,
  end: u32,
): void {
  // Stored whether or not it is the same: which of the two cannot be predicted. The direction is the commit's.
  const difference =
    (lastDirection(flow) ^ direction) |
    (flow.lastSeq ^ seq) |
    (flow.lastAck ^ ack) |
    (flow.lastEnd ^ end) |
    ((<u32>flow.lastWindow) ^ segment.window);
  flow.retransmissions = <u8>((<u32>flow.retransmissions + 1) * <u32>(difference == 0));
  flow.lastSeq = seq;
  flow.lastAck = ack;
  flow.lastEnd = end;
  flow.lastWindow = <u16>segment.window;
}
