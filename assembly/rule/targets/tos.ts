/** `-j TOS` and `-j DSCP`. */
import { Packet, PacketFlag } from "../../layout";
import { Family } from "../../shared/protocol";
import { TosTargetRecord } from "../../shared/target-record";
import { be16 } from "../../wire/bytes";
import { change16, updateChecksum } from "../../wire/checksum-update";
import { tosOf } from "../matches/tos";

export function setTos(at: usize, packet: Packet): void {
  const old = tosOf(packet);
  const tos = (old & ~(<u32>load<u8>(at, TosTargetRecord.MASK))) ^ load<u8>(at, TosTargetRecord.VALUE);
  if (tos == old) return;
  packet.flags |= <u8>PacketFlag.CHANGED;
  const l3 = <usize>packet.l3;
  if (packet.family == Family.IPV6) {
    store<u16>(l3, bswap<u16>(<u16>((be16(l3) & 0xf00f) | (tos << 4))));
    return;
  }
  const word = <u32>load<u16>(l3);
  store<u8>(l3, <u8>tos, 1);
  updateChecksum(l3 + 10, change16(word, load<u16>(l3)));
}
