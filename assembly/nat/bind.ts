/**
 * The NAT decision, made once for each end of a flow with its first packet: which tuple its answers will have. From
 * then on packets are rewritten by comparing both tuples (translate.ts), rules are not asked again.
 */
import { noteSource, firstOfSource, nextOfSource, setMasqueradeDevice } from "../source-index";
import { Flow, Packet } from "../layout";
import { Hook } from "../shared/ct-state";
import { Manip, NatFlag } from "../shared/nat";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Status } from "../shared/status";
import { addressInRange, chooseAddress } from "./address-select";
import { addressOfDevice, loopback, sourceFor } from "./device-address";
import { choosePort, keyInRange } from "./port-select";
import { NAT_RANGE_SIZE, NatRange } from "./range";
import { address0, address1, copyMapping, holder, isTaken, readReply, reply, writeReply } from "./reply";

/** The range as it is for the packet at hand: with the addresses of devices, and one address of a network. */
const effective = changetype<NatRange>(memory.data(NAT_RANGE_SIZE, 16));

/** Of a source's flows, so many are asked whether their translation will do. */
const MOST_SIBLINGS: u32 = 64;

// @ts-ignore: decorator
@inline
function doneBit(manip: Manip): u32 {
  return manip == Manip.SOURCE ? Status.SRC_NAT_DONE : Status.DST_NAT_DONE;
}

/** Whether rules are to be asked what becomes of this end of the packet's flow. */
// @ts-ignore: decorator
@inline
export function isUndecided(flow: Flow, manip: Manip): bool {
  return !(flow.status & doneBit(manip));
}

/**
 * Decides one end of a flow, unless that is in the table already. `range`: what a rule asks for; null: no rule does, and the
 * end stays as it is, unless that would give two flows the same answers: then the source port is changed. False when
 * the range has no address for the packet, which is to be dropped.
 */
export function bind(flow: Flow, packet: Packet, range: NatRange | null, manip: Manip): bool {
  if (flow.status & (doneBit(manip) | Status.CONFIRMED)) return true;
  readReply(flow, packet);
  effective.flags = 0;
  if (range) {
    memory.copy(changetype<usize>(effective), changetype<usize>(range), NAT_RANGE_SIZE);
    if (!resolve(flow, packet, manip)) return false;
  }
  decide(flow, packet, manip);
  if (effective.flags & NatFlag.MASQUERADE) setMasqueradeDevice(flow, packet.outDevice);
  return true;
}

/** Turns what the range says of devices and networks into addresses. False when there is none. */
function resolve(flow: Flow, packet: Packet, manip: Manip): bool {
  const flags = effective.flags;
  if (flags & NatFlag.NETMAP) {
    mapNetwork(manip);
    return true;
  }
  if (flags & NatFlag.MASQUERADE) {
    if (packet.family == Family.IPV4 && !address0(manip)) {
      // Whoever has no address yet is left alone.
      effective.flags = 0;
      return true;
    }
    return useAddress(packet, packet.outDevice, sourceFor(packet.family, packet.outDevice));
  }
  if (!(flags & NatFlag.REDIRECT)) return true;
  const local = packet.at == Hook.OUTPUT;
  const address = local ? loopback(packet.family) : addressOfDevice(packet.inDevice, packet.family);
  return useAddress(packet, packet.inDevice, address);
}

/** `address`: of two words, 0 for none. */
function useAddress(packet: Packet, device: u32, address: usize): bool {
  if (!address) {
    packet.reason = <u8>Reason.NAT_NO_ADDRESS;
    packet.a = device;
    return false;
  }
  effective.flags |= NatFlag.ADDRESSES;
  effective.min0 = load<u64>(address);
  effective.min1 = load<u64>(address, 8);
  effective.max0 = effective.min0;
  effective.max1 = effective.min1;
  return true;
}

/** The bits in which the range's ends differ are the host's. */
function mapNetwork(manip: Manip): void {
  const host0 = effective.min0 ^ effective.max0;
  const host1 = effective.min1 ^ effective.max1;
  effective.min0 = (address0(manip) & host0) | (effective.min0 & ~host0);
  effective.min1 = (address1(manip) & host1) | (effective.min1 & ~host1);
  effective.max0 = effective.min0;
  effective.max1 = effective.min1;
  effective.flags |= NatFlag.ADDRESSES;
}

function decide(flow: Flow, packet: Packet, manip: Manip): void {
  const ports = flow.replyPorts;
  chooseTuple(flow, packet, manip);
  if (writeReply(flow)) {
    flow.status |= <u16>(manip == Manip.SOURCE ? Status.SRC_NAT : Status.DST_NAT);
    if (manip == Manip.SOURCE) noteSource(flow, flow.replyPorts != ports);
  }
  flow.status |= <u16>doneBit(manip);
}

/** Leaves in `reply` the tuple of the answers, and on the flow whether it is taken all the same. */
function chooseTuple(flow: Flow, packet: Packet, manip: Manip): void {
  const flags = effective.flags;
  const given = (flags & NatFlag.PORTS) != 0;
  const protocol = <u32>flow.protocol;
  flow.status &= <u16>~Status.NAT_CLASH;
  if (manip == Manip.SOURCE && !(flags & NatFlag.RANDOM)) {
    if (isInRange(manip)) {
      if (!isTaken(flow)) return;
    } else if (useSibling(flow) && !isTaken(flow)) {
      return;
    } else {
      readReply(flow, packet);
    }
  }
  chooseAddress(effective, manip, flow.zone);
  if (!(flags & NatFlag.RANDOM)) {
    if (!given) {
      if (!isTaken(flow)) return;
    } else if (!(flags & NatFlag.OFFSET) && keyInRange(effective, protocol, manip)) {
      if (effective.minPort == effective.maxPort) return noteClash(flow);
      if (!isTaken(flow)) return;
    }
  }
  if (!choosePort(flow, effective, manip)) noteClash(flow);
}

/** A flow without a tuple of its own cannot enter the table. */
function noteClash(flow: Flow): void {
  if (holder(flow)) flow.status |= <u16>Status.NAT_CLASH;
}

function isInRange(manip: Manip): bool {
  if (!addressInRange(effective, manip)) return false;
  return !(effective.flags & NatFlag.PORTS) || keyInRange(effective, reply.protocol, manip);
}

/** Takes over how another flow from the same source was translated, the newest that the range allows. */
function useSibling(flow: Flow): bool {
  let sibling = firstOfSource(flow);
  for (let n: u32 = 0; sibling && n < MOST_SIBLINGS; n++) {
    copyMapping(sibling);
    if (isInRange(Manip.SOURCE)) return true;
    sibling = nextOfSource(sibling);
  }
  return false;
}
