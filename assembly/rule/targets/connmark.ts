/** `-j CONNMARK`: the mark of the packet's flow, set or exchanged with the packet's own. Without a flow nothing happens. */
import { Flow, Packet } from "../../layout";
import { EventBit } from "../../shared/event";
import { flowOf } from "../flow-view";
import { ConnmarkRecord } from "../../shared/target-record";

export function setFlowMark(at: usize, packet: Packet): void {
  if (!packet.flow) return;
  const mark = changetype<Flow>(packet.flow).mark;
  change(
    packet,
    shift(at, (mark & ~load<u32>(at, ConnmarkRecord.CT_MASK)) ^ load<u32>(at, ConnmarkRecord.VALUE)),
  );
}

export function saveMark(at: usize, packet: Packet): void {
  if (!packet.flow) return;
  const mark = changetype<Flow>(packet.flow).mark;
  const saved = shift(at, packet.mark & load<u32>(at, ConnmarkRecord.NF_MASK));
  change(packet, (mark & ~load<u32>(at, ConnmarkRecord.CT_MASK)) ^ saved);
}

export function restoreMark(at: usize, packet: Packet): void {
  const flow = flowOf(packet);
  if (!flow) return;
  const restored = shift(at, flow.mark & load<u32>(at, ConnmarkRecord.CT_MASK));
  packet.mark = (packet.mark & ~load<u32>(at, ConnmarkRecord.NF_MASK)) ^ restored;
}

function shift(at: usize, mark: u32): u32 {
  const bits = <i32>load<i8>(at, ConnmarkRecord.SHIFT);
  if (bits > 31 || bits < -31) return 0;
  return bits < 0 ? mark >>> -bits : mark << bits;
}

function change(packet: Packet, mark: u32): void {
  const flow = changetype<Flow>(packet.flow);
  if (flow.mark == mark) return;
  flow.mark = mark;
  packet.changes |= <u16>EventBit.MARK;
}
