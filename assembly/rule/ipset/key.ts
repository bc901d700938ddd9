/** The key of the element that a packet asks a set for. */
import { deviceAt } from "../../device";
import { Packet } from "../../layout";
import { LinkType } from "../../shared/link-type";
import { SetFlag, SetKey, SetPart } from "../../shared/ipset-record";
import { Family, Protocol } from "../../shared/protocol";
import { Reason } from "../../shared/reason";
import { be16 } from "../../wire/bytes";
import { ICMP_HEADER, SCTP_HEADER, TCP_HEADER, UDP_HEADER } from "../../wire/header-size";
import { inDeviceOf, outDeviceOf } from "../checks";
import { elementKey, IpSet } from "./ip-set";

/**
 * Writes the key's parts, each of the packet's source or destination; networks with all bits of the address. False
 * when the packet does not have a part.
 */
export function writeKey(set: IpSet, packet: Packet, sources: u32): bool {
  memory.fill(elementKey, 0, SetKey.SIZE);
  if (set.family && set.family != packet.family) return false;
  let addresses: usize = 0;
  for (let i: u32 = 0; i < set.partCount; i++) {
    const source = ((sources >>> i) & 1) != 0;
    switch (<u32>load<u8>(changetype<usize>(set) + i, offsetof<IpSet>("part0"))) {
      case SetPart.IP:
      case SetPart.NET:
        if (!writeAddressPart(set, packet, source, elementKey + (addresses << 4))) return false;
        addresses++;
        break;
      case SetPart.PORT:
        if (!writePort(set, packet, source)) return false;
        break;
      case SetPart.MAC:
        if (!writeMac(packet, source)) return false;
        break;
      case SetPart.IFACE:
        if (!writeIface(packet, source)) return false;
        break;
      case SetPart.MARK:
        store<u32>(elementKey, packet.mark & set.markMask, SetKey.SECOND);
    }
  }
  return true;
}

/** Masked as the set's addresses are; those of a bitmap lie in its range. */
function writeAddressPart(set: IpSet, packet: Packet, source: bool, to: usize): bool {
  const l3 = <usize>packet.l3;
  if (packet.family == Family.IPV6) {
    store<u64>(to, load<u64>(l3 + (source ? 8 : 24)) & set.mask0);
    store<u64>(to, load<u64>(l3 + (source ? 16 : 32)) & set.mask1, 8);
    return true;
  }
  const address = load<u32>(l3 + (source ? 12 : 16)) & (<u32>set.mask0);
  store<u32>(to, address);
  return !(set.flags & SetFlag.BITMAP) || isInRange(set, bswap<u32>(address));
}

// @ts-ignore: decorator
@inline
function isInRange(set: IpSet, value: u32): bool {
  return value >= set.rangeMin && value <= set.rangeMax;
}

/** Only where the whole transport header is there, which an IPv6 packet has to have. */
function writePort(set: IpSet, packet: Packet, source: bool): bool {
  const protocol = <u32>packet.protocol;
  if (packet.l4Captured < headerOf(protocol)) return false;
  if (packet.family == Family.IPV6 && packet.reason == Reason.IPV6_HEADERS) return false;
  const port = portOf(packet, protocol, source);
  store<u16>(elementKey, <u16>port, SetKey.PORT);
  if (set.flags & SetFlag.BITMAP) {
    return (protocol == Protocol.TCP || protocol == Protocol.UDP) && isInRange(set, port);
  }
  store<u8>(elementKey, <u8>protocol, SetKey.PROTOCOL);
  return true;
}

function headerOf(protocol: u32): u32 {
  switch (protocol) {
    case Protocol.TCP:
      return TCP_HEADER;
    case Protocol.SCTP:
      return SCTP_HEADER;
    case Protocol.UDP:
    case Protocol.UDPLITE:
      return UDP_HEADER;
    case Protocol.ICMP:
    case Protocol.ICMPV6:
      return ICMP_HEADER;
    default:
      return 0;
  }
}

/** Of ICMP type and code, of other protocols 0. */
function portOf(packet: Packet, protocol: u32, source: bool): u32 {
  if (!headerOf(protocol)) return 0;
  const icmp = protocol == Protocol.ICMP || protocol == Protocol.ICMPV6;
  return be16(packet.l4 + (source || icmp ? 0 : 2));
}

function writeMac(packet: Packet, source: bool): bool {
  if (packet.link != LinkType.ETHERNET) return false;
  memory.copy(elementKey + SetKey.SECOND, <usize>packet.data + (source ? 6 : 0), 6);
  return true;
}

function writeIface(packet: Packet, source: bool): bool {
  const device = source ? inDeviceOf(packet) : outDeviceOf(packet);
  if (!device) return false;
  memory.copy(elementKey + SetKey.SECOND, changetype<usize>(deviceAt(device)), 16);
  return true;
}
