/** The part of a tuple that the transport header gives, as one word. */
import { Packet, Stage } from "../layout";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { grePorts } from "./gre";
import { isError } from "./icmp";

/** The port word: source port (or id) in the lower half, destination port (or type, code) in the upper. */
// @ts-ignore: decorator
@inline
export function readPorts(packet: Packet): Reason {
  const protocol = <u32>packet.protocol;
  packet.stage = <u8>Stage.TUPLE;
  if (protocol == Protocol.TCP || protocol == Protocol.UDP) {
    if (packet.l4Captured < 4) return short(packet, 4);
    packet.ports = load<u32>(packet.l4);
    return Reason.NONE;
  }
  return readOtherPorts(packet, protocol);
}

function readOtherPorts(packet: Packet, protocol: u32): Reason {
  switch (protocol) {
    case Protocol.SCTP:
    case Protocol.UDPLITE:
      if (packet.l4Captured < 4) return short(packet, 4);
      packet.ports = load<u32>(packet.l4);
      return Reason.NONE;
    case Protocol.ICMP:
    case Protocol.ICMPV6:
      // Too short a message is the ICMP tracker's to refuse: it counts and names it differently.
      if (packet.l4Captured < 8) {
        packet.stage = <u8>Stage.ICMP;
        return Reason.NONE;
      }
      packet.ports = ((<u32>load<u16>(packet.l4)) << 16) | (<u32>load<u16>(packet.l4, 4));
      packet.stage = <u8>(isError(packet) ? Stage.ICMP : Stage.ICMP_QUERY);
      return Reason.NONE;
    case Protocol.GRE:
      packet.stage = <u8>Stage.GRE;
      return grePorts(packet);
    default:
      packet.ports = 0;
      return Reason.NONE;
  }
}

/** `needed`: bytes of transport header; those that are there may be fewer than were on the wire. */
function short(packet: Packet, needed: u32): Reason {
  packet.a = packet.l4Captured;
  packet.b = needed;
  return Reason.L4_SHORT;
}
