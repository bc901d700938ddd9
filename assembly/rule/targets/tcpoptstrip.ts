/** `-j TCPOPTSTRIP`: replaces TCP options by NOPs. */
import { noteJoined } from "../../defrag/datagram";
import { Packet, PacketFlag } from "../../layout";
import { TcpoptstripRecord } from "../../shared/target-record";
import { change16, updateChecksum } from "../../wire/checksum-update";
import { TCP_HEADER } from "../../wire/header-size";
import { TCP_CHECKSUM } from "../../wire/tcp";
import { optionLength, tcpHeaderLength } from "../tcp-header";
import { NOP } from "../../wire/tcp-options";

/** False: the packet is dropped, it is no TCP segment. */
export function stripOptions(at: usize, packet: Packet): bool {
  const header = tcpHeaderLength(packet);
  if (!header) return false;
  noteJoined(packet, header);
  const end = <usize>packet.l4 + header;
  let option = <usize>packet.l4 + TCP_HEADER;
  while (option + 1 < end) {
    const length = optionLength(option);
    if (option + length > end) break;
    const kind = <u32>load<u8>(option);
    const listed = ((<u32>load<u8>(at + (kind >>> 3), TcpoptstripRecord.KINDS)) >>> (kind & 7)) & 1;
    if (listed) strip(packet, option, length);
    option += length;
  }
  return true;
}

function strip(packet: Packet, option: usize, length: u32): void {
  let changes: u64 = 0;
  for (let at = option; at < option + length; at++) {
    const shift = (<u32>((at - packet.l4) & 1)) << 3;
    changes += change16((<u32>load<u8>(at)) << shift, NOP << shift);
    store<u8>(at, <u8>NOP);
  }
  updateChecksum(packet.l4 + TCP_CHECKSUM, changes);
  packet.flags |= <u8>PacketFlag.CHANGED;
}
