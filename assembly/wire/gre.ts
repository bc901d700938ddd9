/** GRE (RFC 2784) and enhanced GRE (RFC 2637): what of them takes part in a tuple. */
import { findGreKey } from "../gre-keymap";
import { Packet } from "../layout";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { be16 } from "./bytes";

const PPP: u32 = 0x880b;

/**
 * Only version 1 has ids: the packet's call id is the destination, the source is what a helper has told of the call.
 * Plain GRE is one flow an address pair.
 */
export function grePorts(packet: Packet): Reason {
  packet.ports = 0;
  if (packet.l4Captured < 4) return Reason.NONE;
  const version = (<u32>load<u8>(packet.l4, 1)) & 7;
  if (version != 1 || packet.l4Captured < 8) return Reason.NONE;
  const carried = be16(packet.l4 + 2);
  if (carried != PPP) {
    packet.a = carried;
    return Reason.GRE_PROTOCOL;
  }
  const key = <u32>load<u16>(packet.l4, 6);
  packet.ports = (key << 16) | sourceKey(packet, key);
  return Reason.NONE;
}

function sourceKey(packet: Packet, key: u32): u32 {
  if (packet.family != Family.IPV4) return 0;
  return findGreKey(<u32>packet.address, <u32>(packet.address >>> 32), key);
}
