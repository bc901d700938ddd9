/**
 * Flows that a translated flow has announced: rules do not decide about them, they are led to whoever announced them, and
 * look to him as if they came from where he sends to.
 */
import { announcementOfSource, Expectation } from "../expectation";
import { Flow, Kind, Packet } from "../layout";
import { Direction } from "../shared/ct-state";
import { Follow } from "../shared/follow";
import { Manip, NatFlag } from "../shared/nat";
import { flow6 } from "../tuple";
import { bind } from "./bind";
import { NAT_RANGE_SIZE, NatRange } from "./range";

const source = changetype<NatRange>(memory.data(NAT_RANGE_SIZE, 16));
const destination = changetype<NatRange>(memory.data(NAT_RANGE_SIZE, 16));

/** How the flow at hand is translated. */
@unmanaged
class Plan {
  /** 0: rules decide about the source. */
  disguised: u32;
  /** Streams of calls have their destination decided first. */
  destinationFirst: u32;
}

const plan = changetype<Plan>(memory.data(offsetof<Plan>(), 4));

/** Reads what becomes of the flow that meets the expectation, which that may be the end of. */
export function planFollowing(flow: Flow, expectation: Expectation): void {
  const master = changetype<Flow>(expectation.master);
  const follow = <u32>expectation.follow;
  // The tuple of the packets that the announcer's end sends.
  const direction: u32 = follow & Follow.TO_CLIENT ? Direction.ORIGINAL : Direction.REPLY;
  if (expectation.followAddress0 | expectation.followAddress1) {
    setAddress(destination, expectation.followAddress0, expectation.followAddress1);
  } else {
    setEnd(destination, master, direction, Manip.SOURCE);
  }
  plan.destinationFirst = follow & (Follow.PEER_ONLY | Follow.STREAM);
  plan.disguised = 1;
  const stream = follow & Follow.STREAM ? announcementOfSource(flow, expectation) : null;
  if (stream) {
    setAddress(source, stream.destination0, stream.destination1);
    setPort(source, stream.destinationPort);
  } else if (follow & Follow.FORWARDED) {
    setEnd(source, flow, direction, Manip.SOURCE);
  } else {
    setEnd(source, master, direction, Manip.DESTINATION);
    if (plan.destinationFirst && !comesFromPeer(flow, master, direction ^ 1)) plan.disguised = 0;
  }
  setPort(follow & Follow.PORT_OF_SOURCE ? source : destination, expectation.followPort);
}

/** Does it to a flow that is not in the table yet. */
export function followPlan(flow: Flow, packet: Packet): void {
  if (plan.destinationFirst) bind(flow, packet, destination, Manip.DESTINATION);
  if (plan.disguised) bind(flow, packet, source, Manip.SOURCE);
  bind(flow, packet, destination, Manip.DESTINATION);
}

function comesFromPeer(flow: Flow, master: Flow, direction: u32): bool {
  if (!(flow.kind & Kind.IPV6)) {
    const tuple = direction == Direction.REPLY ? master.replyAddress : master.originalAddress;
    return <u32>tuple == <u32>flow.originalAddress;
  }
  const at = changetype<usize>(flow6(master)) + (direction == Direction.REPLY ? 32 : 0);
  const own = flow6(flow);
  return load<u64>(at) == own.originalSrc0 && load<u64>(at, 8) == own.originalSrc1;
}

function setAddress(range: NatRange, word0: u64, word1: u64): void {
  range.flags = NatFlag.ADDRESSES;
  range.min0 = word0;
  range.min1 = word1;
  range.max0 = word0;
  range.max1 = word1;
}

/** The address of one end of a flow's tuple. */
function setEnd(range: NatRange, flow: Flow, direction: u32, end: Manip): void {
  const reply = direction == Direction.REPLY;
  if (!(flow.kind & Kind.IPV6)) {
    const address = reply ? flow.replyAddress : flow.originalAddress;
    return setAddress(range, end == Manip.SOURCE ? address & 0xffffffff : address >>> 32, 0);
  }
  const at = changetype<usize>(flow6(flow)) + (reply ? 32 : 0) + (end == Manip.SOURCE ? 0 : 16);
  setAddress(range, load<u64>(at), load<u64>(at, 8));
}

/** `port` in network order. */
function setPort(range: NatRange, port: u16): void {
  range.flags |= NatFlag.PORTS;
  range.minPort = bswap<u16>(port);
  range.maxPort = range.minPort;
}
