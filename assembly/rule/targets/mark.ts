/** `-j MARK`: the packet's own mark. */
import { Packet } from "../../layout";
import { MarkTargetRecord } from "../../shared/target-record";

export function setMark(at: usize, packet: Packet): void {
  packet.mark = (packet.mark & ~load<u32>(at, MarkTargetRecord.MASK)) ^ load<u32>(at, MarkTargetRecord.VALUE);
}
