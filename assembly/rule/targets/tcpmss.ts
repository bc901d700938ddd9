/** `-j TCPMSS`: lowers the maximum segment size that a SYN announces (RFC 9293 section 3.7.1), or announces one. */
import { noteJoined } from "../../defrag/datagram";
import { deviceAt, routeTo } from "../../device";
import { Packet, PacketFlag } from "../../layout";
import { Family } from "../../shared/protocol";
import { TcpmssRecord } from "../../shared/target-record";
import { be16 } from "../../wire/bytes";
import { change16, change32, updateChecksum } from "../../wire/checksum-update";
import { TCP_HEADER } from "../../wire/header-size";
import { growPacket } from "../../wire/resize";
import { TCP_CHECKSUM } from "../../wire/tcp";
import { MSS, MSS_LENGTH, optionLength, tcpHeaderLength } from "../tcp-header";

const LONGEST_HEADER: u32 = 60;
/** What counts without the option (RFC 9293, RFC 8200). */
const DEFAULT4: u32 = 536;
const DEFAULT6: u32 = 1220;

/** False: the packet is dropped, it is no TCP segment or the path is too narrow for any. */
export function lowerMss(at: usize, packet: Packet): bool {
  const header = tcpHeaderLength(packet);
  if (!header) return false;
  let mss = <u32>load<u16>(at, TcpmssRecord.MSS);
  if (!mss) {
    const headers: u32 = (packet.family == Family.IPV4 ? 20 : 40) + TCP_HEADER;
    const mtu = pathMtu(packet);
    if (mtu <= headers) return false;
    mss = min(mtu - headers, 0xffff);
  }
  // Linux writes to the whole of a packet, whether there is anything to be lowered or not.
  noteJoined(packet, packet.l4Length);
  let option = <usize>packet.l4 + TCP_HEADER;
  const end = <usize>packet.l4 + header;
  for (; option + MSS_LENGTH <= end; option += optionLength(option)) {
    if (load<u8>(option) != MSS || load<u8>(option, 1) != MSS_LENGTH) continue;
    if (be16(option + 2) > mss) change(packet, option + 2, mss);
    return true;
  }
  // Behind data there is no place for it, and the header has room for so many options.
  if (packet.l4Length == header && header < LONGEST_HEADER) addOption(packet, mss);
  return true;
}

/** The narrower of the ways to and from: only devices are known. */
function pathMtu(packet: Packet): u32 {
  const out = deviceAt(packet.outDevice).mtu;
  const four = packet.family == Family.IPV4;
  const from0 = four ? <u64>load<u32>(packet.l3, 12) : load<u64>(packet.l3, 8);
  const route = routeTo(packet.family, from0, four ? 0 : load<u64>(packet.l3, 16));
  return route ? min(out, deviceAt(route.device).mtu) : out;
}

function change(packet: Packet, at: usize, mss: u32): void {
  const old = <u32>load<u16>(at);
  const raw = <u32>bswap<u16>(<u16>mss);
  // At an odd offset the bytes count the other way round.
  const swapped = ((at - packet.l4) & 1) != 0;
  const changes = swapped ? change16(be16(at), mss) : change16(old, raw);
  store<u16>(at, <u16>raw);
  updateChecksum(packet.l4 + TCP_CHECKSUM, changes);
  packet.flags |= <u8>PacketFlag.CHANGED;
}

function addOption(packet: Packet, mss: u32): void {
  const fallback = packet.family == Family.IPV4 ? DEFAULT4 : DEFAULT6;
  const length = packet.l4Length;
  if (!growPacket(packet, packet.l4 - packet.l3 + TCP_HEADER, 0, MSS_LENGTH)) return;
  const l4 = <usize>packet.l4;
  store<u8>(l4, <u8>MSS, TCP_HEADER);
  store<u8>(l4, <u8>MSS_LENGTH, TCP_HEADER + 1);
  store<u16>(l4, bswap<u16>(<u16>min(mss, fallback)), TCP_HEADER + 2);
  const offset = <u32>load<u16>(l4, 12);
  store<u8>(l4, load<u8>(l4, 12) + <u8>((MSS_LENGTH / 4) << 4), 12);
  const changes =
    change32(0, load<u32>(l4, TCP_HEADER)) +
    change16(offset, load<u16>(l4, 12)) +
    change16(bswap<u16>(<u16>length), bswap<u16>(<u16>(length + MSS_LENGTH)));
  updateChecksum(l4 + TCP_CHECKSUM, changes);
}
