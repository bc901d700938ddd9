/**
 * ICMP and ICMPv6 errors belong to the flow of the packet they quote. Here the packet's tuple becomes the inverse
 * of the quoted one: the tuple of the flow's direction in which the error travels.
 */
import { Packet, Stage } from "../layout";
import { Family, Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { invertTuple, isInvertible } from "../tuple";
import { ICMP_HEADER } from "../wire/header-size";
import { ICMPV6_REDIRECT, icmpType, REDIRECT_HEADER } from "../wire/icmp";
import { quotedIpv4 } from "../wire/ipv4";
import { quotedIpv6 } from "../wire/ipv6";
import { readPorts } from "../wire/ports";

/** Reads the quoted packet's tuple, inverted, into the packet. */
export function readQuotedTuple(packet: Packet): Reason {
  packet.a = icmpType(packet);
  packet.b = <u32>load<u8>(packet.l4, 1);
  let skip = ICMP_HEADER;
  if (packet.protocol == Protocol.ICMPV6 && icmpType(packet) == ICMPV6_REDIRECT) {
    const reason = checkRedirect(packet);
    if (reason != Reason.NONE) return reason;
    skip = REDIRECT_HEADER + OPTION_HEADER;
  }
  if (packet.l4Captured < skip) return Reason.ICMP_ERROR_INNER;
  const at = packet.l4 + skip;
  const available = packet.l4Captured - skip;
  packet.c = at - packet.l3;
  const whole =
    packet.family == Family.IPV4 ? quotedIpv4(packet, at, available) : quotedIpv6(packet, at, available);
  const a = packet.a;
  const b = packet.b;
  const readable =
    whole && readPorts(packet) == Reason.NONE && packet.stage != Stage.ICMP && isInvertible(packet);
  packet.a = a;
  packet.b = b;
  if (!readable) return Reason.ICMP_ERROR_INNER;
  invertTuple(packet);
  return Reason.NONE;
}

const OPTION_HEADER: u32 = 8;
const REDIRECTED_HEADER: u32 = 4;

function checkRedirect(packet: Packet): Reason {
  const at = <usize>packet.l4;
  const linkLocal = (bswap<u32>(<u32>packet.src0) & 0xffc00000) == 0xfe800000;
  if (!linkLocal || load<u8>(packet.l3, 7) != 255) return Reason.ICMPV6_REDIRECT_SOURCE;
  const hasOption = packet.l4Captured >= REDIRECT_HEADER + 2 && load<u8>(at + REDIRECT_HEADER, 1) != 0;
  if (!hasOption) return Reason.ICMPV6_REDIRECT_OPTIONS;
  // A redirect that quotes nothing is just a message without a flow.
  return load<u8>(at + REDIRECT_HEADER) == REDIRECTED_HEADER ? Reason.NONE : Reason.ICMP_NO_PAIR;
}
