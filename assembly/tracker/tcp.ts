/**
 * The TCP tracker: class of the segment -> transition -> the cases in which the table alone is not the answer ->
 * window (tcp-window.ts) -> commit.
 */
import { account, countHere, refresh, setTimeout, ticksLeft } from "../flow";
import { Kind, Packet } from "../layout";
import { HINT_HORIZON, HZ } from "../limits";
import { Direction } from "../shared/ct-state";
import { EventBit } from "../shared/event";
import { Reason } from "../shared/reason";
import { Status } from "../shared/status";
import { Sysctl } from "../shared/sysctl";
import { TcpClass, TcpFlag, TcpState } from "../shared/tcp-state";
import { sysctl } from "../sysctl";
import { timeoutOf } from "../timeout";
import { segment } from "../wire/tcp";
import { finOf, headerBytes, wordOf } from "../wire/tcp-ack";
import { readSynOptions } from "../wire/tcp-options";
import { Outcome } from "./outcome";
import { before } from "./sequence";
import {
  flagsOf,
  lastClass,
  lastDirection,
  lastFlags,
  lastScale,
  peerOf,
  setFlags,
  setLast,
  setLastFlags,
  setLastScale,
  setScale,
  setStage,
  setState,
  stateOf,
  TcpFlow,
  TcpPeer,
} from "./tcp-flow";
import { CLOSER, IGNORED, INVALID, LAST_ACK_OR_CHALLENGE, STATE, transition } from "./tcp-transitions";
import { ticksAfterAck, timeoutAfter } from "./tcp-timeout";
import { checkWindow, initSender, offerWindow, slideEstablished, Window } from "./tcp-window";

/** A lowered timeout on a suspicious FIN or RST leaves flows alone that end within this many seconds anyway. */
const SUSPICION_SPARES: u32 = 120;

/** The first segment of a flow: a SYN, or with tcp_loose an ACK of a connection older than we are. */
export function openTcp(flow: TcpFlow, packet: Packet): bool {
  const first = transition(Direction.ORIGINAL, segment.class, TcpState.NONE);
  if (first == TcpState.SYN_SENT) {
    initSender(flow, segment, Direction.ORIGINAL);
    offerWindow(flow, segment, Direction.REPLY);
  } else if (first == TcpState.ESTABLISHED && sysctl(Sysctl.TCP_LOOSE)) {
    const sender = peerOf(flow, Direction.ORIGINAL);
    sender.end = segment.end;
    sender.maxWindow = max<u32>(segment.window, 1);
    sender.maxEnd = segment.end + sender.maxWindow;
    // Scaling was agreed on before our time, so windows mean nothing.
    setFlags(flow, Direction.ORIGINAL, TcpFlag.SACK_PERM | TcpFlag.BE_LIBERAL);
    setFlags(flow, Direction.REPLY, TcpFlag.SACK_PERM | TcpFlag.BE_LIBERAL);
  } else {
    packet.reason = <u8>(first == TcpState.ESTABLISHED ? Reason.TCP_NOT_LOOSE : Reason.TCP_INVALID_NEW);
    packet.a = segment.class;
    return false;
  }
  setLast(flow, TcpClass.NONE, Direction.ORIGINAL);
  return true;
}

export function trackTcp(flow: TcpFlow, packet: Packet, direction: u32): Outcome {
  const segmentClass = segment.class;
  let old = stateOf(flow);
  let state = transition(direction, segmentClass, old);

  if (state & CLOSER) {
    state &= STATE;
    if (state == INVALID) return refuse(flow, packet, direction, Reason.TCP_INVALID_TRANSITION);
    if (state == IGNORED) {
      if (!answersIgnoredSyn(flow, direction)) return ignore(flow, packet, direction);
      resynchronise(flow, direction);
      old = TcpState.SYN_SENT;
      state = TcpState.SYN_RECV;
    } else if (state == TcpState.SYN_SENT) {
      return mayReopen(flow, direction) ? Outcome.REOPEN : ignore(flow, packet, direction);
    } else if (state == TcpState.SYN_SENT2) {
      setLastFlags(flow, lastFlags(flow) | TcpFlag.SIMULTANEOUS_OPEN);
    } else if (state == TcpState.SYN_RECV) {
      if (lastFlags(flow) & TcpFlag.SIMULTANEOUS_OPEN) state = TcpState.ESTABLISHED;
    } else if (isChallengeAck(flow, direction)) {
      setLastFlags(flow, lastFlags(flow) & ~TcpFlag.EXP_CHALLENGE_ACK);
      packet.reason = <u8>Reason.TCP_CHALLENGE_ACK;
      return Outcome.ACCEPT;
    }
  }

  // With a flow's first SYN openTcp() has done all that its window says.
  let skipWindow = old == TcpState.NONE && segmentClass == TcpClass.SYN;
  if (segmentClass == TcpClass.RST) {
    const reset = judgeReset(flow, packet, direction, old);
    if (reset == Reset.INVALID) return Outcome.INVALID;
    if (reset & Reset.DOUBTFUL) state = old;
    skipWindow = (reset & Reset.EXPECTED) != 0;
  }
  if (!skipWindow) {
    const window = checkWindow(flow, segment, direction, stateOf(flow), packet);
    if (window == Window.IGNORE) return Outcome.ACCEPT;
    if (window == Window.OUTSIDE) {
      suspect(flow, packet, direction);
      return Outcome.INVALID;
    }
  }
  return commit(flow, packet, direction, old, state);
}

/** What trackEstablished() returns when it has done nothing: it is left to trackTcp(). */
export const NOT_TRACKED: i32 = -1;
/** Beside EventBits: the flow ends earlier than before, and its hint has to be lowered. */
const ENDS_EARLIER: i32 = 0x10000;

/**
 * The same for an ACK or a FIN without options but a timestamp (wire/tcp-ack.ts), of a connection that has seen
 * replies, whose both sides are known, and that nothing has been said of (an extension, a fixed timeout). Returns 0
 * when nothing is left to be done.
 */
// @ts-ignore: decorator
@inline
export function trackEstablished(flow: TcpFlow, packet: Packet, direction: u32, header: v128, now: u32): i32 {
  const word = wordOf(header);
  const fin = finOf(word);
  const segmentClass = TcpClass.ACK - fin;
  const old = stateOf(flow);
  let state = transition(direction, segmentClass, old);
  if (state & CLOSER) {
    if (state != LAST_ACK_OR_CHALLENGE || lastClass(flow) == TcpClass.SYN) return NOT_TRACKED;
    state &= STATE;
  }
  if (!slideEstablished(flow, direction, header, packet.l4Length - headerBytes(word) + fin, fin)) {
    return NOT_TRACKED;
  }
  setStage(flow, state, segmentClass, direction);
  let changes: i32 = 0;
  if ((state ^ old) | (~(<u32>flow.status) & Status.ASSURED)) {
    changes = advance(flow, direction, old, state);
    packet.changes = <u16>changes;
  }
  const ticks = ticksAfterAck(flow, state);
  if (ticks < HINT_HORIZON) {
    if (ticks < flow.deadline - now) changes |= ENDS_EARLIER;
  }
  flow.deadline = now + ticks;
  if (flow.kind & Kind.COUNTERS) countHere(flow, packet, direction);
  return changes;
}

if (TcpClass.ACK - 1 != TcpClass.FIN) ERROR("trackEstablished");

/** A rule answers for one side with a reset: the connection is over. False when it was before. */
export function closeTcp(flow: TcpFlow, now: u32): bool {
  const open = stateOf(flow) != TcpState.CLOSE;
  setState(flow, TcpState.CLOSE);
  setTimeout(flow, now, timeoutOf(flow, Sysctl.TCP_TIMEOUT_CLOSE));
  return open;
}

function refuse(flow: TcpFlow, packet: Packet, direction: u32, reason: Reason): Outcome {
  tell(flow, packet, direction, reason);
  return Outcome.INVALID;
}

// @ts-ignore: decorator
@inline
function tell(flow: TcpFlow, packet: Packet, direction: u32, reason: Reason): void {
  packet.reason = <u8>reason;
  packet.a = segment.class;
  packet.b = direction;
  packet.c = stateOf(flow);
}

/** The router cannot know whether the peer will take such a segment, so it remembers it and passes it. */
function ignore(flow: TcpFlow, packet: Packet, direction: u32): Outcome {
  const old = stateOf(flow);
  setLast(flow, segment.class, direction);
  flow.lastSeq = segment.seq;
  flow.lastEnd = segment.end;
  flow.lastWindow = <u16>segment.window;
  if (segment.class == TcpClass.SYN && direction == Direction.ORIGINAL) {
    const options = readSynOptions(segment);
    setLastScale(flow, options >>> 8);
    setLastFlags(flow, (options & 0xff) | (old == TcpState.LAST_ACK ? TcpFlag.EXP_CHALLENGE_ACK : 0));
  } else if (segment.class == TcpClass.ACK) {
    // The transition table ignores an ACK only where it may be a challenge to a SYN (RFC 5961 section 4).
    flow.lastAck = segment.ack;
  }
  tell(flow, packet, direction, Reason.TCP_IGNORED);
  return Outcome.ACCEPT;
}

/** The peer answers a SYN that was ignored before: it was right, and our idea of the connection is outdated. */
function answersIgnoredSyn(flow: TcpFlow, direction: u32): bool {
  return (
    segment.class == TcpClass.SYNACK &&
    lastClass(flow) == TcpClass.SYN &&
    lastDirection(flow) != direction &&
    segment.ack == flow.lastEnd
  );
}

function resynchronise(flow: TcpFlow, direction: u32): void {
  const opener = peerOf(flow, direction ^ 1);
  opener.end = flow.lastEnd;
  opener.maxEnd = flow.lastEnd;
  opener.maxWindow = max<u32>(flow.lastWindow, 1);
  setLastFlags(flow, lastFlags(flow) & ~TcpFlag.EXP_CHALLENGE_ACK);
  setFlags(flow, direction ^ 1, lastFlags(flow));
  setScale(flow, direction ^ 1, lastScale(flow));
  memory.fill(changetype<usize>(peerOf(flow, direction)), 0, offsetof<TcpPeer>());
  setFlags(flow, direction, flagsOf(flow, direction) & TcpFlag.BE_LIBERAL);
  setScale(flow, direction, 0);
}

/** A SYN may open a connection anew once a side has closed the old one, or after the opener's own RST. */
function mayReopen(flow: TcpFlow, direction: u32): bool {
  const closed = flagsOf(flow, Direction.ORIGINAL) | flagsOf(flow, Direction.REPLY);
  if (closed & TcpFlag.CLOSE_INIT) return true;
  return lastDirection(flow) == direction && lastClass(flow) == TcpClass.RST;
}

/** In LAST_ACK a SYN was let through; this ACK is the peer's challenge to it, not the end of the connection. */
function isChallengeAck(flow: TcpFlow, direction: u32): bool {
  return (
    lastClass(flow) == TcpClass.SYN &&
    lastDirection(flow) != direction &&
    (lastFlags(flow) & TcpFlag.EXP_CHALLENGE_ACK) != 0
  );
}

/** What is to be thought of an RST. */
enum Reset {
  PLAUSIBLE = 0,
  /** The peer may answer with a challenge ACK instead of closing: the state stays. */
  DOUBTFUL = 1,
  /** It answers something we remember, or the connection is closing anyway: no window applies. */
  EXPECTED = 2,
  INVALID = 4,
}

/** RFC 5961 section 3.2: a peer closes only on the exact sequence number it expects. */
function judgeReset(flow: TcpFlow, packet: Packet, direction: u32, old: u32): u32 {
  if (old >= <u32>TcpState.FIN_WAIT && old <= <u32>TcpState.CLOSE) return Reset.EXPECTED;
  const last = lastClass(flow);
  const established = old == TcpState.ESTABLISHED && (flow.status & Status.ASSURED) != 0;
  let verdict: u32 = Reset.PLAUSIBLE;
  if (flagsOf(flow, direction ^ 1) & TcpFlag.MAXACK_SET && last != TcpClass.SYN) {
    const expected = peerOf(flow, direction ^ 1).maxAck;
    if (segment.seq == 0 && !established) return Reset.PLAUSIBLE;
    if (before(segment.seq, expected) && !sysctl(Sysctl.TCP_IGNORE_INVALID_RST)) {
      packet.reason = <u8>Reason.TCP_INVALID_RST;
      packet.a = segment.seq;
      packet.b = expected;
      return Reset.INVALID;
    }
    if (!established || segment.seq == expected) return Reset.PLAUSIBLE;
    const endsTrain = last == TcpClass.ACK && lastDirection(flow) == direction && segment.seq == flow.lastEnd;
    if (endsTrain) return Reset.PLAUSIBLE;
    verdict = Reset.DOUBTFUL;
  }
  const answersSyn =
    (flow.status & Status.SEEN_REPLY) != 0 && last == TcpClass.SYN && lastDirection(flow) != direction;
  const answersAck = !(flow.status & Status.ASSURED) && last == TcpClass.ACK;
  if ((answersSyn || answersAck) && segment.ack == flow.lastEnd) return verdict | Reset.EXPECTED;
  const answersChallenge =
    old == TcpState.SYN_SENT &&
    last == TcpClass.ACK &&
    lastDirection(flow) == Direction.REPLY &&
    segment.seq == flow.lastAck;
  return answersChallenge ? verdict | Reset.EXPECTED : verdict;
}

/**
 * FINs or RSTs from both sides outside the window: the connection may be over without our noticing, so a long
 * timeout is cut.
 */
function suspect(flow: TcpFlow, packet: Packet, direction: u32): void {
  if (!(flow.status & Status.ASSURED) || flow.status & Status.FIXED_TIMEOUT) return;
  if (segment.class != TcpClass.FIN && segment.class != TcpClass.RST) return;
  const last = lastClass(flow);
  const both = lastDirection(flow) != direction && (last == TcpClass.FIN || last == TcpClass.RST);
  if (!both) {
    setLast(flow, segment.class, direction);
    return;
  }
  const left = ticksLeft(flow, packet.now);
  const lowered = timeoutOf(flow, Sysctl.TCP_TIMEOUT_UNACKNOWLEDGED);
  if (left < SUSPICION_SPARES * HZ || left <= lowered * HZ) return;
  setTimeout(flow, packet.now, lowered);
  packet.c = lowered;
  packet.d = segment.class | (direction << 8) | (last << 16);
}

/** The segment is believed: state, timeout, status and events follow. */
// @ts-ignore: decorator
@inline
function commit(flow: TcpFlow, packet: Packet, direction: u32, old: u32, state: u32): Outcome {
  setStage(flow, state, segment.class, direction);
  packet.changes |= <u16>advance(flow, direction, old, state);
  let timeout = timeoutAfter(flow, state, segment.class);
  if (!(flow.status & Status.SEEN_REPLY)) {
    if (segment.class == TcpClass.RST) {
      account(flow, packet, direction);
      return Outcome.ACCEPT_AND_DESTROY;
    }
    // A repeated SYN does not keep an unanswered attempt alive.
    if (segment.class == TcpClass.SYN && old == TcpState.SYN_SENT) return Outcome.ACCEPT;
    if (state == TcpState.ESTABLISHED)
      timeout = min(timeout, timeoutOf(flow, Sysctl.TCP_TIMEOUT_UNACKNOWLEDGED));
  }
  refresh(flow, packet, direction, timeout);
  return Outcome.ACCEPT;
}

/** What a new state means for flags and status. Returns the EventBit set of it. */
// @ts-ignore: decorator
@inline
function advance(flow: TcpFlow, direction: u32, old: u32, state: u32): u32 {
  let changes: u32 = 0;
  if (state != old) {
    changes = EventBit.PROTOINFO;
    if (state == TcpState.FIN_WAIT) {
      setFlags(flow, direction, flagsOf(flow, direction) | TcpFlag.CLOSE_INIT);
    }
  }
  if (
    (flow.status & (Status.SEEN_REPLY | Status.ASSURED)) == Status.SEEN_REPLY &&
    (old == TcpState.SYN_RECV || old == TcpState.ESTABLISHED) &&
    state == TcpState.ESTABLISHED
  ) {
    flow.status |= <u16>Status.ASSURED;
    changes |= EventBit.ASSURED;
  }
  return changes;
}
