/**
 * The packet that nearly every packet is: the ACK of a TCP connection that is established, assured and has nothing
 * special about it. A few masked comparisons show that of all questions in track.ts only two are open, the header and
 * the window, and those are answered by the same functions as ever. (A packet takes 0 ns instead of 0.)
 */
import { now, tickLasts } from "../clock";
import { isExpired } from "../flow";
import { Flow, Packet, Stage } from "../layout";
import { CtState } from "../shared/ct-state";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Status } from "../shared/status";
import { TcpClass, TcpState } from "../shared/tcp-state";
import { trackEstablished } from "../tracker/tcp";
import { stateOf, TcpFlow } from "../tracker/tcp-flow";
import { matchDirection, NO_MATCH } from "../tuple";
import { checkTcp, segment } from "../wire/tcp";
import { verifies } from "./prepare";

/** What the flow must have and what it must not: a reply and ASSURED, so that neither state nor status can change. */
const NEEDED: u32 = Status.CONFIRMED | Status.SEEN_REPLY | Status.ASSURED;
const SPECIAL: u32 =
  Status.SRC_NAT | Status.DST_NAT | Status.SEQ_ADJUST | Status.DYING | Status.FIXED_TIMEOUT | Status.TEMPLATE;

/**
 * Tracks prepared packets, `size` bytes apart from `row` to `end`, up to one that is not such: that one is left alone
 * and track() has to look at it. Returns where it lies, or `end`.
 */
export function trackEstablishedRun(row: usize, end: usize, size: usize): usize {
  for (; row < end; row += size) {
    const packet = changetype<Packet>(row);
    if (!tickLasts(packet.time)) return row;
    // Address 0, no candidate, may be read: its status is 0.
    const flow = changetype<TcpFlow>(packet.candidate);
    if ((flow.status & (NEEDED | SPECIAL)) != NEEDED) return row;
    if (packet.stage != Stage.TUPLE || packet.protocol != Protocol.TCP) return row;
    if (flow.extension || stateOf(flow) != TcpState.ESTABLISHED) return row;
    const direction = matchDirection(changetype<Flow>(flow), packet);
    packet.now = now();
    if (direction == NO_MATCH || isExpired(flow, packet.now)) return row;
    if (checkTcp(packet, verifies(packet)) != Reason.NONE || segment.class != TcpClass.ACK) return row;
    if (!trackEstablished(flow, packet, direction)) return row;
    packet.ctState = <u8>CtState.ESTABLISHED;
    packet.direction = <u8>direction;
    packet.flow = packet.candidate;
    packet.generation = flow.generation;
  }
  return end;
}
