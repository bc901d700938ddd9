/** `-m conntrack`: what tracking knows of the packet's flow. */
import { ticksLeft } from "../../flow";
import { Flow, FLOW4_SIZE, Kind, Packet } from "../../layout";
import { HZ } from "../../limits";
import { ConntrackCheck, ConntrackRecord, StateBit } from "../../shared/flow-records";
import { Status } from "../../shared/status";
import { flowOf } from "../flow-view";
import { outcome, Outcome } from "../outcome";

export function matchConntrack(at: usize, packet: Packet): Outcome {
  const checks = load<u32>(at, ConntrackRecord.CHECKS);
  const inverted = load<u32>(at, ConntrackRecord.INVERTED);
  const flow = flowOf(packet);
  if (checks & ConntrackCheck.STATE) {
    let states: u32 = 1 << packet.ctState;
    if (flow && flow.status & Status.SRC_NAT) states |= StateBit.SNAT;
    if (flow && flow.status & Status.DST_NAT) states |= StateBit.DNAT;
    const found = (states & load<u16>(at, ConntrackRecord.STATES)) != 0;
    if (found == ((inverted & ConntrackCheck.STATE) != 0)) return Outcome.FAILS;
  }
  // Of a packet without a flow the state is all that can be asked: the rest counts as fulfilled beside it, else not.
  if (!flow) return outcome((checks & ConntrackCheck.STATE) != 0);
  if (checks & ConntrackCheck.ORIGINAL && packet.direction != 0) return Outcome.FAILS;
  if (checks & ConntrackCheck.REPLY && packet.direction == 0) return Outcome.FAILS;
  if (checks & ConntrackCheck.PROTOCOL) {
    const equal = flow.protocol == load<u8>(at, ConntrackRecord.PROTOCOL);
    if (equal == ((inverted & ConntrackCheck.PROTOCOL) != 0)) return Outcome.FAILS;
  }
  if (checks & ConntrackCheck.STATUS) {
    const found = (flow.status & load<u16>(at, ConntrackRecord.STATUS)) != 0;
    if (found == ((inverted & ConntrackCheck.STATUS) != 0)) return Outcome.FAILS;
  }
  if (checks & ConntrackCheck.EXPIRE) {
    // The timer of a flow starts when it is confirmed.
    const seconds = flow.status & Status.CONFIRMED ? ticksLeft(flow, packet.now) / HZ : 0;
    const within =
      seconds >= load<u32>(at, ConntrackRecord.EXPIRE_MIN) &&
      seconds <= load<u32>(at, ConntrackRecord.EXPIRE_MAX);
    if (within == ((inverted & ConntrackCheck.EXPIRE) != 0)) return Outcome.FAILS;
  }
  for (let end: u32 = 0; end < 4; end++) {
    if (checks & (ConntrackCheck.ADDRESS << end)) {
      const equal = addressMatches(at + ConntrackRecord.ADDRESSES + end * 32, flow, end);
      if (equal == ((inverted & (ConntrackCheck.ADDRESS << end)) != 0)) return Outcome.FAILS;
    }
    if (checks & (ConntrackCheck.PORT << end)) {
      const port = portOf(flow, end);
      const range = at + ConntrackRecord.PORTS + end * 4;
      const within = port >= load<u16>(range) && port <= load<u16>(range, 2);
      if (within == ((inverted & (ConntrackCheck.PORT << end)) != 0)) return Outcome.FAILS;
    }
  }
  return Outcome.HOLDS;
}

/** `end`: original source, original destination, reply source, reply destination. */
function addressMatches(wanted: usize, flow: Flow, end: u32): bool {
  if (flow.kind & Kind.IPV6) {
    const address = v128.load(changetype<usize>(flow) + FLOW4_SIZE + end * 16);
    return !v128.any_true(v128.and(v128.xor(address, v128.load(wanted)), v128.load(wanted, 16)));
  }
  const pair = end < 2 ? flow.originalAddress : flow.replyAddress;
  const address = <u32>(pair >>> ((<u64>(end & 1)) << 5));
  return ((address ^ load<u32>(wanted)) & load<u32>(wanted, 16)) == 0;
}

function portOf(flow: Flow, end: u32): u32 {
  const pair = end < 2 ? flow.originalPorts : flow.replyPorts;
  return <u32>bswap<u16>(<u16>(pair >>> ((end & 1) << 4)));
}
