/** Window tracking: does a segment lie where its sender may send and acknowledge? */

import { type Connection, type Peer, REPLY, type Segment } from "./flow.js";
import {
  ACK,
  BE_LIBERAL,
  CLASS_ACK,
  DATA_UNACKNOWLEDGED,
  MAXACK_SET,
  RST,
  SACK_PERM,
  SYN,
  SYN_RECV,
  SYN_SENT,
  WINDOW_SCALE,
} from "./tables.js";

export const WINDOW_ACCEPT = 0;
export const WINDOW_IGNORE = 1;
export const WINDOW_INVALID = 2;

const LEAST_MAXACK = 66000;
const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_SCALE = 3;
const OPTION_SACK_PERMITTED = 4;
const OPTION_SACK = 5;
/** NOP NOP TIMESTAMP(10): the one layout of options that established connections send. */
const ALIGNED_TIMESTAMP = 0x0101080a;

/** Sequence numbers wrap: a is after b when the signed distance is positive. */
function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** Takes scale and SACK permission from the options of a SYN. */
export function readSynOptions(segment: Segment, peer: Peer): void {
  if (segment.options === segment.optionsEnd) return;
  const { view, optionsEnd } = segment;
  peer.scale = 0;
  peer.flags &= BE_LIBERAL;
  let at = segment.options;
  while (at < optionsEnd) {
    const kind = view.getUint8(at);
    if (kind === OPTION_END) return;
    if (kind === OPTION_NOP) {
      at++;
      continue;
    }
    if (at + 2 > optionsEnd) return;
    const size = view.getUint8(at + 1);
    if (size < 2 || at + size > optionsEnd) return;
    if (kind === OPTION_SCALE && size === 3) {
      peer.scale = Math.min(view.getUint8(at + 2), 14);
      peer.flags |= WINDOW_SCALE;
    } else if (kind === OPTION_SACK_PERMITTED && size === 2) {
      peer.flags |= SACK_PERM;
    }
    at += size;
  }
}

/** The highest sequence number acknowledged, SACK blocks included. */
function highestAcknowledged(segment: Segment): number {
  const { view, options, optionsEnd, ack } = segment;
  if (options === optionsEnd) return ack;
  if (optionsEnd - options === 12 && view.getInt32(options) === ALIGNED_TIMESTAMP) return ack;
  let at = options;
  while (at < optionsEnd) {
    const kind = view.getUint8(at);
    if (kind === OPTION_END) return ack;
    if (kind === OPTION_NOP) {
      at++;
      continue;
    }
    if (at + 2 > optionsEnd) return ack;
    const size = view.getUint8(at + 1);
    if (size < 2 || at + size > optionsEnd) return ack;
    if (kind === OPTION_SACK && size >= 10 && (size - 2) % 8 === 0) {
      let highest = ack;
      for (let edge = at + 6; edge < at + size; edge += 8) {
        const right = view.getInt32(edge);
        if (after(right, highest)) highest = right;
      }
      return highest;
    }
    at += size;
  }
  return ack;
}

function initSender(segment: Segment, sender: Peer, receiver: Peer): void {
  sender.end = segment.end;
  sender.maxEnd = segment.end;
  sender.maxWindow = segment.window === 0 ? 1 : segment.window;
  readSynOptions(segment, sender);
  if (segment.direction === REPLY && (sender.flags & receiver.flags & WINDOW_SCALE) === 0) {
    sender.scale = 0;
    receiver.scale = 0;
  }
}

/** The first segment seen of a sender whose SYN was missed. */
function adoptSender(segment: Segment, sender: Peer, receiver: Peer, sack: number): void {
  const window = segment.window << sender.scale;
  sender.end = segment.end;
  sender.maxWindow = window === 0 ? 1 : window;
  sender.maxEnd = (segment.end + sender.maxWindow) | 0;
  if (receiver.maxWindow === 0) {
    receiver.end = sack;
    receiver.maxEnd = sack;
  } else if (sack === ((receiver.end + 1) | 0)) {
    receiver.end = sack;
  }
}

/** Notes the n-th identical ACK, a sign of retransmission. */
function countRepeats(connection: Connection, segment: Segment): void {
  if (
    connection.lastDirection === segment.direction &&
    connection.lastSeq === segment.seq &&
    connection.lastAck === segment.ack &&
    connection.lastEnd === segment.end &&
    connection.lastWindow === segment.window
  ) {
    connection.retrans = (connection.retrans + 1) | 0;
    return;
  }
  connection.lastDirection = segment.direction;
  connection.lastSeq = segment.seq;
  connection.lastAck = segment.ack;
  connection.lastEnd = segment.end;
  connection.lastWindow = segment.window;
  connection.retrans = 0;
}

export function checkWindow(connection: Connection, segment: Segment): number {
  const { direction, flags } = segment;
  const sender = connection.peer(direction);
  const receiver = connection.peer(direction ^ 1);
  let { seq, ack, end, window } = segment;
  let sack = (receiver.flags & SACK_PERM) !== 0 ? highestAcknowledged(segment) : ack;

  if (sender.maxWindow === 0) {
    if ((flags & SYN) !== 0) {
      initSender(segment, sender, receiver);
      if ((flags & ACK) === 0) return WINDOW_ACCEPT;
    } else {
      adoptSender(segment, sender, receiver, sack);
    }
  } else if (
    (flags & SYN) !== 0 &&
    after(end, sender.end) &&
    (connection.state === SYN_SENT || connection.state === SYN_RECV)
  ) {
    initSender(segment, sender, receiver);
    if (direction === REPLY && (flags & ACK) === 0) return WINDOW_ACCEPT;
  }

  if ((flags & ACK) === 0 || ((flags & RST) !== 0 && ack === 0)) {
    ack = receiver.end;
    sack = ack;
  }
  if ((flags & RST) !== 0 && seq === 0 && connection.state === SYN_SENT) {
    seq = sender.end;
    end = seq;
  }

  const lowestEnd = (sender.end - receiver.maxWindow - 1) | 0;
  const lowestAck = (receiver.end - Math.max(sender.maxWindow, LEAST_MAXACK) - 1) | 0;
  const liberal = (sender.flags & BE_LIBERAL) !== 0;
  if (after(seq, sender.maxEnd)) {
    const overshot = (end - sender.maxEnd + 1) | 0;
    const plausible =
      receiver.maxWindow > 0 &&
      after(end, lowestEnd) &&
      after(sack, lowestAck) &&
      !after(sack, receiver.end) &&
      overshot <= receiver.maxWindow;
    if (plausible) {
      sender.end = end;
      sender.flags |= DATA_UNACKNOWLEDGED;
    }
    if (liberal) return WINDOW_ACCEPT;
    return plausible ? WINDOW_IGNORE : WINDOW_INVALID;
  }
  if (after(sack, receiver.end)) return liberal ? WINDOW_ACCEPT : WINDOW_INVALID;
  if (receiver.maxWindow !== 0 && !after(end, lowestEnd)) return liberal ? WINDOW_ACCEPT : WINDOW_IGNORE;
  if (!after(sack, lowestAck)) return liberal ? WINDOW_ACCEPT : WINDOW_IGNORE;

  if ((flags & SYN) === 0) window <<= sender.scale;
  const reach = (window + (sack - ack)) | 0;
  if (reach > sender.maxWindow) sender.maxWindow = reach;
  if (after(end, sender.end)) {
    sender.end = end;
    sender.flags |= DATA_UNACKNOWLEDGED;
  }
  if ((flags & ACK) !== 0) {
    if ((sender.flags & MAXACK_SET) === 0) {
      sender.maxAck = ack;
      sender.flags |= MAXACK_SET;
    } else if (after(ack, sender.maxAck)) {
      sender.maxAck = ack;
    }
  }
  if (receiver.maxWindow !== 0 && after(end, sender.maxEnd)) {
    receiver.maxWindow = (receiver.maxWindow + (end - sender.maxEnd)) | 0;
  }
  const edge = (sack + window) | 0;
  if (!after(receiver.maxEnd, edge)) receiver.maxEnd = window === 0 ? (edge + 1) | 0 : edge;
  if (ack === receiver.end) receiver.flags &= ~DATA_UNACKNOWLEDGED;
  if (segment.class === CLASS_ACK) countRepeats(connection, segment);
  return WINDOW_ACCEPT;
}
