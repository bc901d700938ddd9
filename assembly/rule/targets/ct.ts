/** `-j CT` and `-j NOTRACK`: how the packet is to be tracked. The first of them decides. */
import { Packet, PacketFlag } from "../../layout";
import { TargetRecord } from "../../shared/target-record";

/** A packet that comes back over the loopback device has been tracked already. */
function isOpen(packet: Packet): bool {
  return !packet.flow && !packet.template && !(packet.flags & PacketFlag.NOTRACK);
}

export function setTemplate(at: usize, packet: Packet): void {
  if (isOpen(packet)) packet.template = <u32>at + TargetRecord.SIZE;
}

export function setNotrack(packet: Packet): void {
  if (isOpen(packet)) packet.flags |= <u8>PacketFlag.NOTRACK;
}
