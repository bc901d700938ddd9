/** Fragments wait here until their datagram is complete, which is then tracked in the place of its last one. */
import { Packet } from "../layout";
import { Family } from "../shared/protocol";
import { Collected } from "./collect";
import { datagram } from "./datagram";
import { collectIpv4 } from "./ipv4";
import { collectIpv6 } from "./ipv6";

/** `packet`: a fragment, parsed as such. A datagram's packet has its l3 and l3Length set to it. */
export function collectFragment(packet: Packet): Collected {
  return packet.family == Family.IPV4 ? collectIpv4(packet) : collectIpv6(packet);
}

/** Bytes at l3 that are there, of a fragment that passes or of a datagram. */
export function capturedOf(packet: Packet, collected: Collected): u32 {
  return collected == Collected.DATAGRAM ? datagram.known : packet.length - (packet.l3 - packet.data);
}
