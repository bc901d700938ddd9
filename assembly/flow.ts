/** A flow's timer and counters, as trackers use them. */
import { Flow, Kind, Packet } from "./layout";
import { countersOf, hintOf } from "./flow-slab";
import { HINT_HORIZON, HZ } from "./limits";
import { Direction } from "./shared/ct-state";
import { Status } from "./shared/status";

const MASK_48: u64 = 0xffffffffffff;

// @ts-ignore: decorator
@inline
export function isExpired(flow: Flow, now: u32): bool {
  return <i32>(flow.deadline - now) <= 0;
}

/** Ticks left, 0 when over. */
// @ts-ignore: decorator
@inline
export function ticksLeft(flow: Flow, now: u32): u32 {
  return <u32>max<i32>(<i32>(flow.deadline - now), 0);
}

/**
 * Sets the end of a flow `seconds` from now, whatever is left of it. A hint is a lower bound: a later end may leave it, an
 * earlier one may not.
 */
export function setTimeout(flow: Flow, now: u32, seconds: u32): void {
  const ticks = seconds * HZ;
  const earlier = ticks < HINT_HORIZON && <i32>(now + ticks - flow.deadline) < 0;
  flow.deadline = now + ticks;
  if (earlier && flow.status & Status.CONFIRMED) lowerHint(flow);
}

/** For a flow in the table whose end has come nearer. */
// @ts-ignore: decorator
@inline
export function lowerHint(flow: Flow): void {
  const hint = hintOf(flow);
  if (<i32>(flow.deadline - load<u32>(hint)) < 0) store<u32>(hint, flow.deadline);
}

/** What a flow's hint is set to: its deadline, or the horizon when that comes first. */
// @ts-ignore: decorator
@inline
export function hintFor(flow: Flow, now: u32): u32 {
  return now + min(ticksLeft(flow, now), HINT_HORIZON);
}

/** What a packet that its tracker accepts does to the flow: timer anew, packet counted. */
// @ts-ignore: decorator
@inline
export function refresh(flow: Flow, packet: Packet, direction: u32, seconds: u32): void {
  if (!(flow.status & Status.FIXED_TIMEOUT)) setTimeout(flow, packet.now, seconds);
  account(flow, packet, direction);
}

// @ts-ignore: decorator
@inline
export function account(flow: Flow, packet: Packet, direction: u32): void {
  if (flow.kind & Kind.COUNTERS) countPacket(flow, packet, direction);
}

function countPacket(flow: Flow, packet: Packet, direction: u32): void {
  countHere(flow, packet, direction);
}

/**
 * Counters: packets u48, bytes u48 of the original direction, then of the reply; six bytes each. Only for COUNTERS kinds,
 * and for where a call would cost those packets, too, that are not counted.
 */
// @ts-ignore: decorator
@inline
export function countHere(flow: Flow, packet: Packet, direction: u32): void {
  const at = countersOf(flow) + (direction == Direction.REPLY ? 12 : 0);
  addTo48(at, 1);
  addTo48(at + 6, packet.l3Length);
}

// @ts-ignore: decorator
@inline
function addTo48(at: usize, n: u64): void {
  const sum = (((<u64>load<u32>(at)) | ((<u64>load<u16>(at, 4)) << 32)) + n) & MASK_48;
  store<u32>(at, <u32>sum);
  store<u16>(at, <u16>(sum >>> 32), 4);
}
