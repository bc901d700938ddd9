/**
 * From bytes to a tuple: validated once here, read without checks afterwards. Everything that reads beyond a
 * header checks l4Captured (bytes that are there); everything that judges a length uses l4Length (bytes that were
 * on the wire), which differ in a capture that cut its packets.
 */
import { Packet, Stage } from "../layout";
import { CtState, Verdict } from "../shared/ct-state";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { parseIpv4 } from "./ipv4";
import { NO_PLAIN_LINK, parsePlain, plainLinkHeader } from "./plain";
import { parseDefragmentedIpv6, parseIpv6 } from "./ipv6";
import { parseLink } from "./link";
import { readPorts } from "./ports";

/** Leaves the packet in the stage from which tracking goes on. `verify`: whether checksums are looked at. */
// @ts-ignore: decorator
@inline
export function parsePacket(packet: Packet, verify: bool): void {
  const header = plainLinkHeader(packet.link);
  const plain = header != NO_PLAIN_LINK && parsePlain(packet, packet.data, packet.length, header, verify);
  if (!plain) parseAny(packet, verify);
}

export function parseAny(packet: Packet, verify: bool): void {
  let reason = parseLink(packet);
  if (reason != Reason.NONE) return pass(packet, reason);
  const captured = packet.length - (packet.l3 - packet.data);
  const version = load<u8>(packet.l3) >>> 4;
  if (version == 4) reason = parseIpv4(packet, captured, verify);
  else if (version == 6) reason = parseIpv6(packet, captured);
  else reason = Reason.IP_HEADER;
  if (reason == Reason.NONE) {
    reason = readPorts(packet);
    if (reason == Reason.NONE) return;
  }
  refuse(packet, reason);
}

/** The same for what reassembly lets go on at l3: a datagram, or a fragment to be taken as a packet of its own. */
export function parseDefragmented(packet: Packet, captured: u32): void {
  packet.reason = <u8>Reason.NONE;
  let reason =
    packet.family == Family.IPV4
      ? parseIpv4(packet, captured, false)
      : parseDefragmentedIpv6(packet, captured);
  if (reason == Reason.NONE) reason = readPorts(packet);
  if (reason != Reason.NONE) refuse(packet, reason);
}

/** Frames that carry no IP pass by tracking. */
function pass(packet: Packet, reason: Reason): void {
  packet.stage = <u8>Stage.REFUSED;
  packet.ctState = <u8>CtState.UNTRACKED;
  packet.reason = <u8>reason;
}

function refuse(packet: Packet, reason: Reason): void {
  packet.stage = <u8>Stage.REFUSED;
  packet.ctState = <u8>CtState.INVALID;
  packet.reason = <u8>reason;
  // The IP layer drops these before any hook; the others reach the rules as INVALID.
  if (reason >= Reason.IP_HEADER && reason <= Reason.IP_OPTIONS) packet.verdict = <u8>Verdict.DROP;
}
