/** `-j TTL` and `-j HL`. */
import { Packet, PacketFlag } from "../../layout";
import { Family } from "../../shared/protocol";
import { HopLimitChange, HopLimitTargetRecord } from "../../shared/target-record";
import { change16, updateChecksum } from "../../wire/checksum-update";
import { hopLimit } from "../matches/hop-limit";

export function setHopLimit(at: usize, packet: Packet): void {
  const value = <u32>load<u8>(at, HopLimitTargetRecord.VALUE);
  const old = hopLimit(packet);
  let limit = value;
  const change = <u32>load<u8>(at, HopLimitTargetRecord.CHANGE);
  if (change == HopLimitChange.INCREASE) limit = min(old + value, 255);
  else if (change == HopLimitChange.DECREASE) limit = old > value ? old - value : 0;
  if (limit == old) return;
  packet.flags |= <u8>PacketFlag.CHANGED;
  const l3 = <usize>packet.l3;
  if (packet.family == Family.IPV6) return store<u8>(l3, <u8>limit, 7);
  const word = <u32>load<u16>(l3, 8);
  store<u8>(l3, <u8>limit, 8);
  updateChecksum(l3 + 10, change16(word, load<u16>(l3, 8)));
}
