/** UDP (RFC 768) and UDP-Lite (RFC 3828) headers. */
import { Packet } from "../layout";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { be16 } from "./bytes";
import { fold, pseudoHeader, sumBytes, transportChecksumHolds } from "./checksum";
import { UDP_HEADER } from "./header-size";

// @ts-ignore: decorator
@inline
export function checkUdp(packet: Packet, verify: bool): Reason {
  if (packet.l4Captured < UDP_HEADER) return Reason.UDP_SHORT;
  const length = be16(packet.l4 + 4);
  if (length > packet.l4Length || length < UDP_HEADER) {
    packet.a = length;
    packet.b = packet.l4Length;
    return Reason.UDP_LENGTH;
  }
  // Zero: the sender computed none. The checksum covers all bytes that IP carried, not only UDP's length.
  if (!verify || packet.cut || !load<u16>(packet.l4, 6)) return Reason.NONE;
  return transportChecksumHolds(packet, Protocol.UDP, packet.l4Length) ? Reason.NONE : Reason.UDP_CHECKSUM;
}

export function checkUdpLite(packet: Packet, verify: bool): Reason {
  if (packet.l4Captured < UDP_HEADER) return Reason.UDPLITE_SHORT;
  let coverage = be16(packet.l4 + 4);
  if (coverage == 0) coverage = packet.l4Length;
  else if (coverage < UDP_HEADER || coverage > packet.l4Length) {
    packet.a = coverage;
    packet.b = packet.l4Length;
    return Reason.UDPLITE_COVERAGE;
  }
  if (!load<u16>(packet.l4, 6)) return Reason.UDPLITE_NO_CHECKSUM;
  if (!verify || packet.cut) return Reason.NONE;
  // Linux verifies with UDP's protocol number in the pseudo-header, so a sender's right checksum fails.
  const sum = sumBytes(packet.l4, coverage, pseudoHeader(packet, Protocol.UDP, packet.l4Length));
  return fold(sum) == 0xffff ? Reason.NONE : Reason.UDPLITE_CHECKSUM;
}
