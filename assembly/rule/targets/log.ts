/** `-j LOG` and `-j NFLOG`: the packet is told of in the log, as it is now. */
import { Packet } from "../../layout";
import { logPacket } from "../../log-ring";
import { LogKind } from "../../shared/log-kind";
import { LogTargetRecord } from "../../shared/target-record";
import { inDeviceOf, outDeviceOf } from "../checks";

export function logFor(at: usize, rule: u32, packet: Packet): void {
  const record = logPacket(LogKind.RULE, rule, packet, load<u32>(at, LogTargetRecord.BYTES));
  if (!record) return;
  record.hook = packet.at;
  record.inDevice = <u16>inDeviceOf(packet);
  record.outDevice = <u16>outDeviceOf(packet);
}
