/** `-j CT` and `-j NOTRACK`: how the packet is to be tracked. The first of them decides. */
import { Packet, PacketFlag } from "../../layout";
import { CtState } from "../../shared/ct-state";
import { TargetRecord } from "../../shared/target-record";

/** A packet that comes back over the loopback device has been tracked already, and answers are not asked. */
function isOpen(packet: Packet): bool {
  return !packet.flow && !packet.template && !(packet.flags & (PacketFlag.NOTRACK | PacketFlag.ANSWER));
}

/** As long as it has not been tracked, rules see a packet with a template as one of a new flow: see flow-view.ts. */
export function setTemplate(at: usize, packet: Packet): void {
  if (!isOpen(packet)) return;
  packet.template = <u32>at + TargetRecord.SIZE;
  packet.ctState = <u8>CtState.NEW;
}

export function setNotrack(packet: Packet): void {
  if (!isOpen(packet)) return;
  packet.flags |= <u8>PacketFlag.NOTRACK;
  packet.ctState = <u8>CtState.UNTRACKED;
}
