/** Link layers: where the IP header starts. Formats: tcpdump.org/linktypes; IEEE 802.1Q, 802.1ad; RFC 2516. */
import { Packet } from "../layout";
import { LinkType } from "../shared/link-type";
import { Reason } from "../shared/reason";
import { be16 } from "./bytes";

const ETHERTYPE_IPV4: u32 = 0x0800;
const ETHERTYPE_IPV6: u32 = 0x86dd;
/** The same as they lie in the frame: nearly every frame is settled without swapping bytes. */
export const RAW_IPV4: u32 = 0x0008;
const RAW_IPV6: u32 = 0xdd86;
const ETHERTYPE_VLAN: u32 = 0x8100;
const ETHERTYPE_QINQ: u32 = 0x88a8;
const ETHERTYPE_QINQ_OLD: u32 = 0x9100;
const ETHERTYPE_PPPOE: u32 = 0x8864;
const PPP_IPV4: u32 = 0x0021;
const PPP_IPV6: u32 = 0x0057;

/** Sets l3 to the IP header. NOT_IP and LINK_TYPE frames are nothing to connection tracking. */
// @ts-ignore: decorator
@inline
export function parseLink(packet: Packet): Reason {
  if (packet.link == LinkType.ETHERNET) return afterEtherType(packet, 12);
  if (packet.link == LinkType.RAW) return ipAt(packet, 0);
  return parseOtherLink(packet);
}

function parseOtherLink(packet: Packet): Reason {
  switch (<i32>packet.link) {
    case LinkType.RAW_BSD:
    case LinkType.RAW_OPENBSD:
    case LinkType.IPV4:
    case LinkType.IPV6:
      return ipAt(packet, 0);
    case LinkType.NULL:
    case LinkType.LOOP:
      // The family's value differs between systems and byte orders; the version nibble does not.
      return ipAt(packet, 4);
    case LinkType.LINUX_SLL:
      return afterEtherType(packet, 14);
    case LinkType.LINUX_SLL2:
      return packet.length < 20 ? notIp(packet, 0) : etherType(packet, be16(packet.data), 20);
    case LinkType.PPP:
    case LinkType.PPP_HDLC:
      return parsePpp(packet, 0);
    case LinkType.PPP_ETHER:
      return parsePpp(packet, 6);
    default:
      packet.a = packet.link;
      return Reason.LINK_TYPE;
  }
}

// @ts-ignore: decorator
@inline
function afterEtherType(packet: Packet, at: u32): Reason {
  if (packet.length < at + 2) return notIp(packet, 0);
  const raw = <u32>load<u16>(packet.data + at);
  if (raw == RAW_IPV4 || raw == RAW_IPV6) return ipAt(packet, at + 2);
  return etherType(packet, bswap<u16>(<u16>raw), at + 2);
}

/** `at`: first byte after the type. Any number of VLAN tags may come before the payload. */
function etherType(packet: Packet, type: u32, at: u32): Reason {
  while (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD) {
    if (packet.length < at + 4) return notIp(packet, type);
    type = be16(packet.data + at + 2);
    at += 4;
  }
  if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6) return ipAt(packet, at);
  if (type == ETHERTYPE_PPPOE) return parsePpp(packet, at + 6);
  return notIp(packet, type);
}

/** The protocol number may be compressed to one byte, and HDLC's address and control bytes may precede it. */
function parsePpp(packet: Packet, at: u32): Reason {
  if (packet.length < at + 4) return notIp(packet, 0);
  if (be16(packet.data + at) == 0xff03) at += 2;
  let protocol = <u32>load<u8>(packet.data + at);
  at += 1;
  if (!(protocol & 1)) {
    if (packet.length <= at) return notIp(packet, protocol);
    protocol = (protocol << 8) | (<u32>load<u8>(packet.data + at));
    at += 1;
  }
  return protocol == PPP_IPV4 || protocol == PPP_IPV6 ? ipAt(packet, at) : notIp(packet, protocol);
}

// @ts-ignore: decorator
@inline
function ipAt(packet: Packet, at: u32): Reason {
  if (packet.length <= at) return notIp(packet, 0);
  packet.l3 = packet.data + at;
  packet.l3Length = packet.wireLength - at;
  return Reason.NONE;
}

function notIp(packet: Packet, type: u32): Reason {
  packet.a = type;
  return Reason.NOT_IP;
}
