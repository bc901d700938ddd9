/** What is told of traced packets: every rule that they match, and every end of a chain. */
import { Packet, PacketFlag } from "../layout";
import { logPacket } from "../log-ring";
import { LogKind, TraceKind } from "../shared/log-kind";
import { ChainRecord, RuleRecord } from "../shared/rule-record";
import { inDeviceOf, outDeviceOf } from "./checks";
import { writePolicy } from "./journal";

// @ts-ignore: decorator
@inline
export function traceRule(rule: u32, packet: Packet): void {
  if (packet.flags & PacketFlag.TRACE) trace(TraceKind.RULE, load<u32>(rule, RuleRecord.NUMBER), packet);
}

// @ts-ignore: decorator
@inline
export function traceEnd(kind: TraceKind, chain: u32, packet: Packet): void {
  if (!(packet.flags & PacketFlag.TRACE)) return;
  trace(kind, load<u32>(chain, ChainRecord.NUMBER), packet);
  if (packet.flags & PacketFlag.EXPLAINED && kind == TraceKind.POLICY) writePolicy(chain);
}

function trace(kind: TraceKind, subject: u32, packet: Packet): void {
  const record = logPacket(LogKind.TRACE, subject, packet, u32.MAX_VALUE);
  if (!record) return;
  record.a = kind;
  record.hook = packet.at;
  record.inDevice = <u16>inDeviceOf(packet);
  record.outDevice = <u16>outDeviceOf(packet);
}
