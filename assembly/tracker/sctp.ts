/** The SCTP tracker: verification tags (RFC 9260 section 8.5), then the state machine, chunk by chunk. */
import { refresh } from "../flow";
import { Flow, FLOW4_SIZE, Packet } from "../layout";
import { Direction } from "../shared/ct-state";
import { EventBit } from "../shared/event";
import { Reason } from "../shared/reason";
import { SctpState } from "../shared/sctp-state";
import { Status } from "../shared/status";
import { Sysctl } from "../shared/sysctl";
import { timeoutOf } from "../timeout";
import {
  ABORT,
  chunkBit,
  chunkTypes,
  COOKIE_ACK,
  COOKIE_ECHO,
  DATA,
  FIRST_CHUNK,
  hasChunk,
  hasInitiateTag,
  HEARTBEAT,
  HEARTBEAT_ACK,
  INIT,
  INIT_ACK,
  initiateTag,
  nextChunk,
  SHUTDOWN_ACK,
  SHUTDOWN_COMPLETE,
  verificationTag,
} from "../wire/sctp";
import { Outcome } from "./outcome";
import { INVALID, transition } from "./sctp-transitions";


@unmanaged
export class SctpFlow extends Flow {
  /** SctpState. */
  stage: u8;
  /** A heartbeat with an unknown tag passed, and in which direction: its answer may bring new tags. */
  heartbeatMismatch: u8;
  mismatchDirection: u8;
  /** Bit d: an INIT was seen in direction d. */
  initSeen: u8;
  /** Tags expected in packets of each direction, in network order; 0 = not known. */
  originalTag: u32;
  replyTag: u32;
}

if (offsetof<SctpFlow>() > FLOW4_SIZE) ERROR("SctpFlow");

// @ts-ignore: decorator
@inline
function tagOf(flow: SctpFlow, direction: u32): u32 {
  return direction == Direction.ORIGINAL ? flow.originalTag : flow.replyTag;
}

function setTag(flow: SctpFlow, direction: u32, tag: u32): void {
  if (direction == Direction.ORIGINAL) flow.originalTag = tag;
  else flow.replyTag = tag;
}

const ONE: u64 = 1;

/** Chunks that answer an association which does not exist (RFC 9260 section 8.4): they open nothing. */
const OUT_OF_THE_BLUE: u64 = (ONE << ABORT) | (ONE << SHUTDOWN_COMPLETE) | (ONE << COOKIE_ACK);

/** Chunks with rules of their own about the tag; packets without any of them must carry the expected one. */
const OWN_TAG_RULE: u64 =
  (ONE << INIT) |
  (ONE << SHUTDOWN_COMPLETE) |
  (ONE << COOKIE_ECHO) |
  (ONE << ABORT) |
  (ONE << SHUTDOWN_ACK) |
  (ONE << HEARTBEAT) |
  (ONE << HEARTBEAT_ACK);

export function openSctp(flow: SctpFlow, packet: Packet): bool {
  packet.reason = <u8>Reason.SCTP_INVALID_NEW;
  if (chunkTypes(packet) & OUT_OF_THE_BLUE) return false;
  for (let offset = FIRST_CHUNK; hasChunk(packet, offset); offset = nextChunk(packet, offset)) {
    const type = <u32>load<u8>(packet.l4 + offset);
    packet.a = type;
    if (transition(Direction.ORIGINAL, type, SctpState.NONE) == SctpState.NONE) return false;
    if (type == INIT) {
      if (verificationTag(packet) != 0 || !hasInitiateTag(packet, offset)) return false;
      flow.replyTag = initiateTag(packet, offset);
    } else if (type == HEARTBEAT || type == HEARTBEAT_ACK) {
      flow.originalTag = verificationTag(packet);
    } else {
      flow.replyTag = verificationTag(packet);
    }
  }
  packet.reason = <u8>Reason.NONE;
  return true;
}

export function trackSctp(flow: SctpFlow, packet: Packet, direction: u32): Outcome {
  const types = chunkTypes(packet);
  const tag = verificationTag(packet);
  if (!(types & OWN_TAG_RULE) && tag != tagOf(flow, direction)) {
    return wrongTag(flow, packet, direction, Reason.SCTP_VTAG);
  }

  let passes = false;
  let entered = false;
  let state = <u32>flow.stage;
  for (let offset = FIRST_CHUNK; hasChunk(packet, offset); offset = nextChunk(packet, offset)) {
    const type = <u32>load<u8>(packet.l4 + offset);
    const flags = <u32>load<u8>(packet.l4 + offset, 1);
    const tagged = checkTag(flow, packet, direction, type, flags, types, passes);
    if (tagged == Tag.WRONG) return wrongTag(flow, packet, direction, Reason.SCTP_CHUNK_VTAG);
    if (tagged == Tag.PASS) {
      passes = true;
      continue;
    }
    const old = <u32>flow.stage;
    state = transition(direction, type, old);
    if (state == INVALID) {
      packet.reason = <u8>Reason.SCTP_INVALID_TRANSITION;
      packet.a = old;
      packet.b = direction;
      packet.c = type;
      return Outcome.INVALID;
    }
    if (type == INIT || type == INIT_ACK) {
      if (!noteInitiateTag(flow, packet, direction, type, offset)) {
        return wrongTag(flow, packet, direction, Reason.SCTP_INITIATE_TAG);
      }
      // A repeated INIT does not keep a closed association alive.
      const again = old == SctpState.CLOSED && state == SctpState.CLOSED;
      if (type == INIT && again && flow.status & Status.CONFIRMED) passes = true;
    }
    if (state != old) {
      packet.changes |= <u16>EventBit.PROTOINFO;
      entered = entered || state == SctpState.ESTABLISHED;
      flow.stage = <u8>state;
    }
  }
  if (passes) return Outcome.ACCEPT;
  refresh(flow, packet, direction, timeoutOf(flow, Sysctl.SCTP_TIMEOUT + flow.stage));
  if (entered && !(flow.status & Status.ASSURED)) {
    flow.status |= <u16>Status.ASSURED;
    packet.changes |= <u16>EventBit.ASSURED;
  }
  return Outcome.ACCEPT;
}

enum Tag {
  RIGHT = 0,
  WRONG = 1,
  /** The chunk passes without touching the state. */
  PASS = 2,
}

const T_FLAG: u32 = 1;

/** `passing`: an earlier chunk of the packet already passed with a wrong tag. */
function checkTag(
  flow: SctpFlow,
  packet: Packet,
  direction: u32,
  type: u32,
  flags: u32,
  types: u64,
  passing: bool,
): Tag {
  const tag = verificationTag(packet);
  switch (<i32>type) {
    case INIT:
      return tag == 0 ? Tag.RIGHT : Tag.WRONG;
    case ABORT:
    case SHUTDOWN_COMPLETE: {
      // With the T flag the sender had no association and reflects the tag it was sent.
      const expected = flags & T_FLAG ? tagOf(flow, direction ^ 1) : tagOf(flow, direction);
      return tag == expected ? Tag.RIGHT : Tag.WRONG;
    }
    case COOKIE_ECHO:
      return tag == tagOf(flow, direction) ? Tag.RIGHT : Tag.WRONG;
    case COOKIE_ACK:
      flow.initSeen = 0;
      return Tag.RIGHT;
    case HEARTBEAT:
      return checkHeartbeat(flow, direction, tag, (types & chunkBit(DATA)) != 0 || passing);
    case HEARTBEAT_ACK:
      return checkHeartbeatAck(flow, direction, tag);
    default:
      return Tag.RIGHT;
  }
}

function checkHeartbeat(flow: SctpFlow, direction: u32, tag: u32, strict: bool): Tag {
  const expected = tagOf(flow, direction);
  if (expected == 0) {
    setTag(flow, direction, tag);
  } else if (tag != expected) {
    if (strict) return Tag.WRONG;
    flow.heartbeatMismatch = 1;
    flow.mismatchDirection = <u8>direction;
    return Tag.PASS;
  } else {
    flow.heartbeatMismatch = 0;
  }
  return Tag.RIGHT;
}

function checkHeartbeatAck(flow: SctpFlow, direction: u32, tag: u32): Tag {
  const expected = tagOf(flow, direction);
  if (expected == 0) {
    setTag(flow, direction, tag);
  } else if (tag != expected) {
    if (!flow.heartbeatMismatch || <u32>flow.mismatchDirection == direction) return Tag.WRONG;
    flow.heartbeatMismatch = 0;
    setTag(flow, direction, tag);
    setTag(flow, direction ^ 1, 0);
  } else {
    flow.heartbeatMismatch = 0;
  }
  return Tag.RIGHT;
}

/** INIT and INIT ACK announce the tag that the other side is to use. False when it contradicts what is known. */
function noteInitiateTag(flow: SctpFlow, packet: Packet, direction: u32, type: u32, offset: u32): bool {
  if (!hasInitiateTag(packet, offset)) return false;
  const tag = initiateTag(packet, offset);
  const other = direction ^ 1;
  if (type == INIT_ACK) {
    const known = tagOf(flow, other);
    const asked = (flow.initSeen >>> (<u8>other)) & 1;
    const collision = flow.initSeen == 3;
    if (!asked && known != 0 && known != tag) return false;
    if (collision && known != tag) return false;
  } else if (tag != tagOf(flow, other) || !(flow.status & Status.CONFIRMED)) {
    // A repeated INIT, or one that a stranger made up from the known tag, tells nothing new.
    const seen: u32 = flow.initSeen == 3 ? 0 : flow.initSeen;
    flow.initSeen = <u8>(seen | (1 << direction));
  }
  setTag(flow, other, tag);
  return true;
}

function wrongTag(flow: SctpFlow, packet: Packet, direction: u32, reason: Reason): Outcome {
  packet.reason = <u8>reason;
  packet.a = bswap<u32>(verificationTag(packet));
  packet.b = bswap<u32>(tagOf(flow, direction));
  packet.c = direction;
  return Outcome.INVALID;
}
