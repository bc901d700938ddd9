/** ICMP (RFC 792) and ICMPv6 (RFC 4443): the checks that come before any lookup. */
import { Packet } from "../layout";
import { Family, Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { fold, sumBytes, transportChecksumHolds } from "./checksum";

/** Highest IPv4 type that tracking knows (address mask reply). */
const LAST_TYPE: u32 = 18;
export const ICMPV6_REDIRECT: u32 = 137;
/** RFC 4861 section 4.5: type, code, checksum, reserved, target, destination, then options. */
export const REDIRECT_HEADER: u32 = 40;

// @ts-ignore: decorator
@inline
export function icmpType(packet: Packet): u32 {
  return <u32>load<u8>(packet.l4);
}

/** Messages that quote the packet they are about. */
export function isError(packet: Packet): bool {
  const type = icmpType(packet);
  if (packet.protocol == Protocol.ICMPV6) {
    return type < 128 || (type == ICMPV6_REDIRECT && !load<u8>(packet.l4, 1));
  }
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/** Multicast listener and neighbour discovery, multicast router discovery: never tracked. */
export function isNeighbourDiscovery(packet: Packet): bool {
  if (packet.protocol != Protocol.ICMPV6) return false;
  const type = icmpType(packet);
  return (type >= 130 && type <= 136) || type == 143 || type == 151 || type == 152;
}

export function checkIcmp(packet: Packet, verify: bool): Reason {
  const six = packet.protocol == Protocol.ICMPV6;
  if (six != (packet.family == Family.IPV6)) return Reason.ICMP_NO_PAIR;
  if (packet.l4Captured < 8) return six ? Reason.ICMPV6_SHORT : Reason.ICMP_SHORT;
  if (verify && !packet.cut) {
    if (six) {
      if (!transportChecksumHolds(packet, Protocol.ICMPV6, packet.l4Length)) return Reason.ICMPV6_CHECKSUM;
    } else if (fold(sumBytes(packet.l4, packet.l4Length, 0)) != 0xffff) {
      return Reason.ICMP_CHECKSUM;
    }
  }
  if (six && icmpType(packet) == ICMPV6_REDIRECT && packet.l4Captured < REDIRECT_HEADER) {
    return Reason.ICMPV6_REDIRECT_SHORT;
  }
  if (!six && icmpType(packet) > LAST_TYPE) {
    packet.a = icmpType(packet);
    return Reason.ICMP_TYPE;
  }
  return Reason.NONE;
}
