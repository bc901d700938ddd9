/** `-m pkttype`: how the link layer addressed the packet. Without one all are for this machine. */
import { Packet } from "../../layout";
import { PacketType, PkttypeRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { LinkType } from "../../shared/link-type";
import { outcome, Outcome } from "../outcome";

export function matchPkttype(at: usize, packet: Packet): Outcome {
  const equal = typeOf(packet) == load<u8>(at, PkttypeRecord.TYPE);
  return outcome(equal != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function typeOf(packet: Packet): u32 {
  if (packet.link != LinkType.ETHERNET) return PacketType.UNICAST;
  const address = load<u64>(packet.data) & 0xffffffffffff;
  if (address == 0xffffffffffff) return PacketType.BROADCAST;
  return address & 1 ? PacketType.MULTICAST : PacketType.UNICAST;
}
