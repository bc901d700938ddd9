/** The TCP tracker: a segment and the state of its flow to the next state, timeout and status. */

import { ASSURED, type Connection, ORIGINAL, REPLY, SEEN_REPLY, type Segment } from "./flow.js";
import {
  BE_LIBERAL,
  CLASS_ACK,
  CLASS_FIN,
  CLASS_RST,
  CLASS_SYN,
  CLASS_SYNACK,
  CLOSE,
  CLOSE_INIT,
  DATA_UNACKNOWLEDGED,
  ESTABLISHED,
  EXP_CHALLENGE_ACK,
  FIN_WAIT,
  IGNORE,
  INVALID,
  LAST_ACK,
  MAX_RETRANS,
  MAXACK_SET,
  nextState,
  SACK_PERM,
  SIMULTANEOUS_OPEN,
  SYN_RECV,
  SYN_SENT,
  SYN_SENT2,
  TIME_WAIT,
  TIMEOUT,
  TIMEOUT_MAX_RETRANS,
  TIMEOUT_UNACKNOWLEDGED,
} from "./tables.js";
import { checkWindow, readSynOptions, WINDOW_ACCEPT, WINDOW_IGNORE } from "./tcp-window.js";

export const TCP_ACCEPT = 0;
export const TCP_INVALID = 1;
/** The flow is over and the segment opens it anew. */
export const TCP_REOPEN = 2;
/** Accepted, and the flow ends here. */
export const TCP_DELETE = 3;

/** Prepares a new flow for its first segment; false when that segment cannot open one. */
export function openFlow(connection: Connection, segment: Segment): boolean {
  const { original, reply } = connection;
  const window = segment.window === 0 ? 1 : segment.window;
  if (segment.class === CLASS_SYN) {
    original.end = segment.end;
    original.maxEnd = segment.end;
    original.maxWindow = window;
    readSynOptions(segment, original);
    return true;
  }
  if (segment.class !== CLASS_ACK) return false;
  // Picked up in the middle: the scale is not known, so windows are not judged.
  original.end = segment.end;
  original.maxWindow = window;
  original.maxEnd = (segment.end + window) | 0;
  original.flags = SACK_PERM | BE_LIBERAL;
  reply.flags = SACK_PERM | BE_LIBERAL;
  return true;
}

export function trackSegment(connection: Connection, segment: Segment, now: number): number {
  const { direction } = segment;
  const segmentClass = segment.class;
  let old = connection.state;
  let next = nextState(direction, segmentClass, old);
  let checked = true;

  if (next === SYN_SENT && old >= TIME_WAIT) {
    const closing = ((connection.original.flags | connection.reply.flags) & CLOSE_INIT) !== 0;
    if (closing || (connection.lastDirection === direction && connection.lastClass === CLASS_RST))
      return TCP_REOPEN;
    next = IGNORE;
  }
  if (next === IGNORE) {
    if (!answersIgnoredSyn(connection, segment)) {
      recordIgnored(connection, segment, old);
      return TCP_ACCEPT;
    }
    resynchronise(connection, direction);
    old = SYN_SENT;
    next = SYN_RECV;
  } else if (next === INVALID) {
    return TCP_INVALID;
  } else if (next === TIME_WAIT) {
    if (
      old === LAST_ACK &&
      segmentClass === CLASS_ACK &&
      connection.lastClass === CLASS_SYN &&
      connection.lastDirection !== direction &&
      (connection.lastFlags & EXP_CHALLENGE_ACK) !== 0
    ) {
      connection.lastFlags &= ~EXP_CHALLENGE_ACK;
      return TCP_ACCEPT;
    }
  } else if (next === SYN_SENT2) {
    connection.lastFlags |= SIMULTANEOUS_OPEN;
  } else if (next === SYN_RECV) {
    if (
      direction === REPLY &&
      segmentClass === CLASS_ACK &&
      (connection.lastFlags & SIMULTANEOUS_OPEN) !== 0
    ) {
      next = ESTABLISHED;
    }
  } else if (next === CLOSE && segmentClass === CLASS_RST) {
    if (old >= FIN_WAIT && old <= CLOSE) {
      checked = false;
    } else {
      const verdict = judgeReset(connection, segment, old);
      if (verdict === RESET_INVALID) return TCP_INVALID;
      if (verdict === RESET_DOUBTFUL) next = old;
      if (verdict !== RESET_CHECK && answersKnownSegment(connection, segment, old)) checked = false;
    }
  }

  if (checked) {
    const verdict = checkWindow(connection, segment);
    if (verdict !== WINDOW_ACCEPT) {
      if (verdict === WINDOW_IGNORE) return TCP_ACCEPT;
      lowerTimeout(connection, segment, now);
      return TCP_INVALID;
    }
  }
  return commit(connection, segment, old, next, now);
}

/** A SYN/ACK for the SYN that was let pass without being believed. */
function answersIgnoredSyn(connection: Connection, segment: Segment): boolean {
  return (
    segment.class === CLASS_SYNACK &&
    connection.lastClass === CLASS_SYN &&
    connection.lastDirection !== segment.direction &&
    segment.ack === connection.lastEnd
  );
}

function resynchronise(connection: Connection, direction: number): void {
  const opener = connection.peer(direction ^ 1);
  opener.end = connection.lastEnd;
  opener.maxEnd = connection.lastEnd;
  opener.maxWindow = connection.lastWindow === 0 ? 1 : connection.lastWindow;
  opener.scale = connection.lastScale;
  opener.flags = connection.lastFlags & ~EXP_CHALLENGE_ACK;
  const answerer = connection.peer(direction);
  const liberal = answerer.flags & BE_LIBERAL;
  answerer.clear();
  answerer.flags = liberal;
}

function recordIgnored(connection: Connection, segment: Segment, old: number): void {
  const { direction } = segment;
  connection.lastClass = segment.class;
  connection.lastDirection = direction;
  connection.lastSeq = segment.seq;
  connection.lastEnd = segment.end;
  connection.lastWindow = segment.window;
  if (segment.class === CLASS_SYN && direction === ORIGINAL) {
    const { original } = connection;
    const { scale, flags } = original;
    original.scale = 0;
    original.flags = 0;
    readSynOptions(segment, original);
    connection.lastScale = original.scale;
    connection.lastFlags = original.flags | (old === LAST_ACK ? EXP_CHALLENGE_ACK : 0);
    original.scale = scale;
    original.flags = flags;
  } else if (old === SYN_SENT && segment.class === CLASS_ACK && direction === REPLY) {
    connection.lastAck = segment.ack;
  }
}

const RESET_PLAIN = 0;
/** To the window check at once. */
const RESET_CHECK = 1;
/** Not where the peer expects it: the peer may challenge it, so the state stays. */
const RESET_DOUBTFUL = 2;
const RESET_INVALID = 3;

function judgeReset(connection: Connection, segment: Segment, old: number): number {
  const { direction, seq } = segment;
  const peer = connection.peer(direction ^ 1);
  if ((peer.flags & MAXACK_SET) === 0 || connection.lastClass === CLASS_SYN) return RESET_PLAIN;
  if (seq === 0 && old !== ESTABLISHED) return RESET_CHECK;
  if (((seq - peer.maxAck) | 0) < 0) return RESET_INVALID;
  if (old !== ESTABLISHED || seq === peer.maxAck) return RESET_CHECK;
  if (
    connection.lastClass === CLASS_ACK &&
    connection.lastDirection === direction &&
    seq === connection.lastEnd
  )
    return RESET_CHECK;
  return RESET_DOUBTFUL;
}

/** A RST that answers a segment which was ignored before; the windows need not agree. */
function answersKnownSegment(connection: Connection, segment: Segment, old: number): boolean {
  const { direction } = segment;
  const { lastClass, lastDirection, status } = connection;
  if (segment.ack === connection.lastEnd) {
    if ((status & SEEN_REPLY) !== 0 && lastClass === CLASS_SYN && lastDirection !== direction) return true;
    if ((status & ASSURED) === 0 && lastClass === CLASS_ACK) return true;
  }
  return (
    old === SYN_SENT &&
    lastClass === CLASS_ACK &&
    lastDirection === REPLY &&
    segment.seq === connection.lastAck
  );
}

/** An assured flow whose both sides send FIN or RST outside the window is likely over. */
function lowerTimeout(connection: Connection, segment: Segment, now: number): void {
  const { direction } = segment;
  if ((connection.status & ASSURED) === 0) return;
  if (segment.class !== CLASS_FIN && segment.class !== CLASS_RST) return;
  const left = (connection.deadline - now) | 0;
  const otherSideToo =
    (connection.lastClass === CLASS_FIN || connection.lastClass === CLASS_RST) &&
    connection.lastDirection !== direction;
  if (otherSideToo && left >= 120_000) {
    if (left > TIMEOUT_UNACKNOWLEDGED) connection.deadline = (now + TIMEOUT_UNACKNOWLEDGED) | 0;
    return;
  }
  connection.lastClass = segment.class;
  connection.lastDirection = direction;
}

function timeoutFor(connection: Connection, segmentClass: number, next: number): number {
  const timeout = TIMEOUT[next]!;
  if (connection.retrans >= MAX_RETRANS && timeout > TIMEOUT_MAX_RETRANS) return TIMEOUT_MAX_RETRANS;
  if (segmentClass === CLASS_RST) return TIMEOUT[CLOSE]!;
  if (
    ((connection.original.flags | connection.reply.flags) & DATA_UNACKNOWLEDGED) !== 0 &&
    timeout > TIMEOUT_UNACKNOWLEDGED
  ) {
    return TIMEOUT_UNACKNOWLEDGED;
  }
  if (connection.lastWindow === 0 && timeout > TIMEOUT_MAX_RETRANS) return TIMEOUT_MAX_RETRANS;
  return timeout;
}

function commit(connection: Connection, segment: Segment, old: number, next: number, now: number): number {
  const { direction } = segment;
  const segmentClass = segment.class;
  connection.lastClass = segmentClass;
  connection.lastDirection = direction;
  if (next !== connection.state && next === FIN_WAIT) connection.peer(direction).flags |= CLOSE_INIT;
  connection.state = next;
  let timeout = timeoutFor(connection, segmentClass, next);
  if ((connection.status & SEEN_REPLY) === 0) {
    if (segmentClass === CLASS_RST) return TCP_DELETE;
    // A repeated SYN does not keep an unanswered flow alive.
    if (segmentClass === CLASS_SYN && old === SYN_SENT) return TCP_ACCEPT;
    if (next === ESTABLISHED && timeout > TIMEOUT_UNACKNOWLEDGED) timeout = TIMEOUT_UNACKNOWLEDGED;
  } else if (
    (connection.status & ASSURED) === 0 &&
    (old === SYN_RECV || old === ESTABLISHED) &&
    next === ESTABLISHED
  ) {
    connection.status |= ASSURED;
  }
  connection.deadline = (now + timeout) | 0;
  return TCP_ACCEPT;
}
