/** What was decided for a flow (bind.ts), done to its packets: at each hook that rewrites, one end of the packet. */
import { noteJoined } from "../defrag/datagram";
import { Flow, Flow6, Packet, PacketFlag } from "../layout";
import { unlinkFlow } from "../lifecycle";
import { Direction, Hook } from "../shared/ct-state";
import { Manip } from "../shared/nat";
import { Family, Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Status, TRANSLATED } from "../shared/status";
import { masqueradeDevice } from "../source-index";
import { flow6 } from "../tuple";
import { SCTP_HEADER, TCP_HEADER } from "../wire/header-size";
import { rewrite4, rewrite6 } from "./rewrite";

const GRE_WITH_CALL_ID: u32 = 8;

/**
 * Rewrites one end of the packet as its flow asks. False when the packet must not leave: the flow was masqueraded as
 * another device's; it is over with that.
 */
// @ts-ignore: decorator
@inline
export function translate(packet: Packet, flow: Flow, manip: Manip): bool {
  if (!(flow.status & TRANSLATED)) return true;
  return translateEnd(packet, flow, manip);
}

/** The end that answers call their source is the one that packets of the flow call their destination. */
// @ts-ignore: decorator
@inline
export function isTranslated(flow: Flow, direction: u32, manip: Manip): bool {
  const bit: u32 = <u32>manip == direction ? Status.SRC_NAT : Status.DST_NAT;
  return (flow.status & bit) != 0;
}

function translateEnd(packet: Packet, flow: Flow, manip: Manip): bool {
  const direction = <u32>packet.direction;
  if (packet.at == Hook.POSTROUTING && leavesElsewhere(packet, flow, direction)) {
    packet.reason = <u8>Reason.NAT_DEVICE;
    packet.a = masqueradeDevice(flow);
    packet.b = packet.outDevice;
    unlinkFlow(flow);
    return false;
  }
  if (!isTranslated(flow, direction, manip)) return true;
  if (packet.protocol == Protocol.GRE && !isTranslatableGre(packet, manip)) return false;
  packet.flags |= <u8>PacketFlag.CHANGED;
  rewriteEnd(packet, flow, direction, manip, manip);
  noteJoined(packet, checkedHeader(packet.protocol));
  return true;
}

/** Bytes of a transport header up to behind its checksum, where they may be split. */
// @ts-ignore: decorator
@inline
function checkedHeader(protocol: u32): u32 {
  if (protocol == Protocol.TCP) return TCP_HEADER;
  return protocol == Protocol.SCTP ? SCTP_HEADER : 0;
}

/** The call id has to be there, whether it is used or not, and the version be one that has it or none. */
function isTranslatableGre(packet: Packet, manip: Manip): bool {
  const version: u32 = packet.l4Captured < 2 ? 0 : (<u32>load<u8>(packet.l4, 1)) & 7;
  if (packet.l4Length >= GRE_WITH_CALL_ID && (manip == Manip.SOURCE || version <= 1)) return true;
  packet.reason = <u8>Reason.NAT_GRE;
  packet.a = version;
  packet.b = packet.l4Length;
  return false;
}

// @ts-ignore: decorator
@inline
function leavesElsewhere(packet: Packet, flow: Flow, direction: u32): bool {
  if (direction != Direction.ORIGINAL) return false;
  const device = masqueradeDevice(flow);
  return device != 0 && device != packet.outDevice && (flow.status & Status.CONFIRMED) != 0;
}

/**
 * Gives end `end` of a packet what the hook's end becomes in that direction of the flow: what the other direction's
 * tuple calls its destination (of a source) or its source (of a destination).
 */
export function rewriteEnd(packet: Packet, flow: Flow, direction: u32, manip: Manip, end: Manip): void {
  const forward = direction == Direction.ORIGINAL;
  const ports = forward ? flow.replyPorts : flow.originalPorts;
  const half: u32 = manip == Manip.SOURCE && !isIcmp(flow) ? 16 : 0;
  const key = (ports >>> half) & 0xffff;
  if (packet.family == Family.IPV4) {
    const address = forward ? flow.replyAddress : flow.originalAddress;
    rewrite4(packet, end, <u32>(manip == Manip.SOURCE ? address >>> 32 : address), key);
    return;
  }
  const six = flow6(flow);
  const tuple = changetype<usize>(six) + (forward ? offsetof<Flow6>("replySrc0") : 0);
  const at = tuple + (manip == Manip.SOURCE ? 16 : 0);
  rewrite6(packet, end, load<u64>(at), load<u64>(at, 8), key);
}

/** ICMP tuples keep their id in the lower half, whichever end is meant. */
// @ts-ignore: decorator
@inline
function isIcmp(flow: Flow): bool {
  return flow.protocol == Protocol.ICMP || flow.protocol == Protocol.ICMPV6;
}
