/** Packets that are more, or less, than a tuple: fragments, ICMP, enhanced GRE, and what cannot be tracked. */
import { Collected } from "../defrag/collect";
import { capturedOf, collectFragment } from "../defrag/defrag";
import { foundDirection } from "../flow-table";
import { Packet, Stage } from "../layout";
import { CtState, Verdict } from "../shared/ct-state";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Stat } from "../shared/stat";
import { count } from "../stats";
import { readQuotedTuple } from "../tracker/icmp-error";
import { hashPacket } from "../tuple-hash";
import { grePorts } from "../wire/gre";
import { checkIcmp, isNeighbourDiscovery } from "../wire/icmp";
import { parseDefragmented } from "../wire/parse";
import { findLiveFlow } from "./look-up";
import { invalid, settle } from "./outcome";
import { prepareHash, verifies } from "./prepare";

/** Packets without a tuple, ICMP and GRE. True when the packet's tuple is to be tracked after all. */
export function trackSpecial(packet: Packet): bool {
  if (packet.stage == Stage.REFUSED && !trackRefused(packet)) return false;
  if (packet.stage == Stage.TUPLE) return true;
  if (packet.stage == Stage.GRE) renewGreKey(packet);
  else if (trackIcmp(packet)) return false;
  packet.stage = <u8>Stage.TUPLE;
  return true;
}

/** Packets since the preparation may have ended a call: its ids are no longer known. */
function renewGreKey(packet: Packet): void {
  const ports = packet.ports;
  grePorts(packet);
  if (packet.ports != ports) prepareHash(packet);
}

/**
 * Takes a fragment in. True when something goes on in its place: the datagram that it completes, or what counts as a
 * packet of its own.
 */
export function reassemble(packet: Packet): bool {
  const collected = collectFragment(packet);
  if (collected == Collected.HELD) {
    packet.verdict = <u8>Verdict.STOLEN;
    return false;
  }
  parseDefragmented(packet, capturedOf(packet, collected));
  prepareHash(packet);
  return true;
}

/**
 * What has no tuple: INVALID to the rules, or dropped by the IP layer and unknown to tracking; unless it is a fragment.
 * True when that goes on to be tracked.
 */
function trackRefused(packet: Packet): bool {
  if (packet.reason == Reason.FRAGMENT) {
    if (!reassemble(packet)) return false;
    if (packet.stage != Stage.REFUSED) return true;
  }
  countRefused(packet);
  return false;
}

export function countRefused(packet: Packet): void {
  if (packet.ctState == CtState.INVALID && packet.verdict == Verdict.ACCEPT) count(Stat.INVALID);
}

/** ICMP's own checks, and errors. True when that settles the packet. */
function trackIcmp(packet: Packet): bool {
  const reason = checkIcmp(packet, verifies(packet));
  if (reason != Reason.NONE) {
    invalid(packet, reason, reason == Reason.ICMP_NO_PAIR ? Stat.INVALID : Stat.ERROR);
    return true;
  }
  if (isNeighbourDiscovery(packet)) {
    packet.ctState = <u8>CtState.UNTRACKED;
    return true;
  }
  if (packet.stage == Stage.ICMP) {
    trackError(packet);
    return true;
  }
  return false;
}

/** The row of the packet that an ICMP error quotes. */
const quoted = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** An ICMP error is RELATED to the flow it tells of, and changes nothing about it. */
function trackError(packet: Packet): void {
  memory.copy(changetype<usize>(quoted), changetype<usize>(packet), offsetof<Packet>());
  quoted.zone = packet.originalZone;
  const reason = readQuotedTuple(quoted);
  packet.a = quoted.a;
  packet.b = quoted.b;
  if (reason == Reason.ICMP_NO_PAIR) return invalid(packet, reason, Stat.INVALID);
  if (reason != Reason.NONE) return invalid(packet, reason, Stat.ERROR);
  const flow = findLiveFlow(quoted, hashPacket(quoted));
  if (!flow) return invalid(packet, Reason.ICMP_ERROR_NO_FLOW, Stat.ERROR);
  const addressed =
    packet.family == Family.IPV4
      ? quoted.address >>> 32 == packet.address >>> 32
      : quoted.dst0 == packet.dst0 && quoted.dst1 == packet.dst1;
  if (!addressed) {
    packet.c = quoted.c;
    return invalid(packet, Reason.ICMP_ERROR_ADDRESS, Stat.ERROR);
  }
  packet.ctState = <u8>CtState.RELATED;
  packet.direction = <u8>foundDirection();
  settle(packet, flow);
}
