/** The words of a TCP flow behind the common ones. */
import { Flow, FLOW4_SIZE } from "../layout";
import { TcpFlag } from "../shared/tcp-state";

/** One side of a connection, in sequence numbers of that side unless said otherwise. */
@unmanaged
export class TcpPeer {
  /** Highest sequence number sent, plus one. */
  end: u32;
  /** First sequence number the other side has no room for. */
  maxEnd: u32;
  /** Largest window offered by this side, scaled, at least 1; 0 = nothing seen of this side yet. */
  maxWindow: u32;
  /** Highest acknowledgement sent (of the other side's numbers); valid with MAXACK_SET. */
  maxAck: u32;
}

/** Accessors name what is packed: state and the last segment's class and direction share a byte, and so on. */
@unmanaged
export class TcpFlow extends Flow {
  /** TcpState | class of the last segment << 4 | its direction << 7. */
  stage: u8;
  /** LastFlag bits of the last ignored SYN | its window scale << 4. */
  lastOptions: u8;
  /** Window scale of the original side | of the reply side << 4. */
  scales: u8;
  /** Identical acknowledgements in a row. */
  retransmissions: u8;
  originalFlags: u8;
  replyFlags: u8;
  lastWindow: u16;
  lastSeq: u32;
  lastAck: u32;
  lastEnd: u32;
  originalPeer: u64;
  originalPeer1: u64;
  replyPeer: u64;
  replyPeer1: u64;
}

if (offsetof<TcpFlow>() != FLOW4_SIZE) ERROR("TcpFlow");
if (offsetof<TcpPeer>() != 16) ERROR("TcpPeer");

// @ts-ignore: decorator
@inline
export function peerOf(flow: TcpFlow, direction: u32): TcpPeer {
  return changetype<TcpPeer>(changetype<usize>(flow) + offsetof<TcpFlow>("originalPeer") + (direction << 4));
}

// @ts-ignore: decorator
@inline
export function stateOf(flow: TcpFlow): u32 {
  return flow.stage & 15;
}

// @ts-ignore: decorator
@inline
export function lastClass(flow: TcpFlow): u32 {
  return (flow.stage >>> 4) & 7;
}

// @ts-ignore: decorator
@inline
export function lastDirection(flow: TcpFlow): u32 {
  return flow.stage >>> 7;
}

// @ts-ignore: decorator
@inline
export function setState(flow: TcpFlow, state: u32): void {
  flow.stage = <u8>((flow.stage & 0xf0) | state);
}

// @ts-ignore: decorator
@inline
export function setStage(flow: TcpFlow, state: u32, segmentClass: u32, direction: u32): void {
  flow.stage = <u8>(state | (segmentClass << 4) | (direction << 7));
}

// @ts-ignore: decorator
@inline
export function setLast(flow: TcpFlow, segmentClass: u32, direction: u32): void {
  flow.stage = <u8>((flow.stage & 15) | (segmentClass << 4) | (direction << 7));
}

// @ts-ignore: decorator
@inline
export function flagsOf(flow: TcpFlow, direction: u32): u32 {
  return load<u8>(changetype<usize>(flow) + direction, offsetof<TcpFlow>("originalFlags"));
}

// @ts-ignore: decorator
@inline
export function setFlags(flow: TcpFlow, direction: u32, flags: u32): void {
  store<u8>(changetype<usize>(flow) + direction, <u8>flags, offsetof<TcpFlow>("originalFlags"));
}

/** The flags of both sides, the reply side's in the upper byte. */
// @ts-ignore: decorator
@inline
export function bothFlags(flow: TcpFlow): u32 {
  return load<u16>(changetype<usize>(flow), offsetof<TcpFlow>("originalFlags"));
}

// @ts-ignore: decorator
@inline
export function setBothFlags(flow: TcpFlow, flags: u32): void {
  store<u16>(changetype<usize>(flow), <u16>flags, offsetof<TcpFlow>("originalFlags"));
}

// @ts-ignore: decorator
@inline
export function scaleOf(flow: TcpFlow, direction: u32): u32 {
  return (flow.scales >>> (<u8>(direction << 2))) & 15;
}

// @ts-ignore: decorator
@inline
export function setScale(flow: TcpFlow, direction: u32, scale: u32): void {
  const shift = direction << 2;
  flow.scales = <u8>((flow.scales & ~(15 << (<u8>shift))) | (scale << shift));
}

/** TcpFlag bits of the last ignored SYN; they fit a nibble because only these four occur there. */
// @ts-ignore: decorator
@inline
export function lastFlags(flow: TcpFlow): u32 {
  const packed = <u32>flow.lastOptions;
  return (packed & 3) | ((packed & 12) << 4);
}

// @ts-ignore: decorator
@inline
export function setLastFlags(flow: TcpFlow, flags: u32): void {
  flow.lastOptions = <u8>((flow.lastOptions & 0xf0) | (flags & 3) | ((flags >>> 4) & 12));
}

export function lastScale(flow: TcpFlow): u32 {
  return flow.lastOptions >>> 4;
}

export function setLastScale(flow: TcpFlow, scale: u32): void {
  flow.lastOptions = <u8>((flow.lastOptions & 15) | (scale << 4));
}

if ((TcpFlag.WINDOW_SCALE | TcpFlag.SACK_PERM) != 3) ERROR("lastFlags");
if ((TcpFlag.EXP_CHALLENGE_ACK | TcpFlag.SIMULTANEOUS_OPEN) != 12 << 4) ERROR("lastFlags");
