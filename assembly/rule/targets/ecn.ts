/** `-j ECN`: takes a TCP connection's notification of congestion out of its headers (RFC 3168 section 6.1). */
import { noteJoined } from "../../defrag/datagram";
import { Packet, PacketFlag } from "../../layout";
import { change16, updateChecksum } from "../../wire/checksum-update";
import { TCP_HEADER } from "../../wire/header-size";
import { TCP_CHECKSUM } from "../../wire/tcp";

const ECE_CWR: u32 = 0xc0;

/** False: the packet is dropped, it has no TCP header. */
export function removeEcn(packet: Packet): bool {
  if (packet.l4Captured < TCP_HEADER) return false;
  const l4 = <usize>packet.l4;
  const flags = <u32>load<u8>(l4, 13);
  if (!(flags & ECE_CWR)) return true;
  noteJoined(packet, TCP_HEADER);
  const word = <u32>load<u16>(l4, 12);
  store<u8>(l4, <u8>(flags & ~ECE_CWR), 13);
  updateChecksum(l4 + TCP_CHECKSUM, change16(word, load<u16>(l4, 12)));
  packet.flags |= <u8>PacketFlag.CHANGED;
  return true;
}
