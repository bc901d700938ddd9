/** How long packets may be: those that are longer than their device takes leave in pieces, or not at all. */
import { isDatagram, largestFragment } from "../defrag/datagram";
import { cutPacket, MIN_MTU6 } from "../defrag/output";
import { deviceAt } from "../device";
import { Packet } from "../layout";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { isAnswer } from "./answer";

/** DF, in the byte of an IPv4 header that has it. */
const DONT_FRAGMENT: u32 = 0x40;

// @ts-ignore: decorator
@inline
function mtuFor(packet: Packet): u32 {
  const mtu = deviceAt(packet.outDevice).mtu;
  return packet.family == Family.IPV6 ? max(mtu, MIN_MTU6) : mtu;
}

// @ts-ignore: decorator
@inline
export function isTooLong(packet: Packet): bool {
  return packet.l3Length > mtuFor(packet) && packet.outDevice != 0;
}

/** False: longer than the device takes that it would leave by, and not to be fragmented (RFC 1191, RFC 8201). */
// @ts-ignore: decorator
@inline
export function fits(packet: Packet): bool {
  return !isTooLong(packet) || mayBeCut(packet);
}

/** A datagram is fragmented again, if only its fragments were short enough. */
function mayBeCut(packet: Packet): bool {
  const mtu = mtuFor(packet);
  if (isDatagram(packet) && largestFragment() <= mtu) return true;
  if (packet.family == Family.IPV4 && !(load<u8>(packet.l3, 6) & DONT_FRAGMENT)) return true;
  packet.reason = <u8>Reason.TOO_LONG;
  packet.a = packet.l3Length;
  packet.b = mtu;
  return false;
}

/** Has a packet that is too long leave in pieces. False: it may not, or memory is out. */
export function cut(packet: Packet): bool {
  if (!mayBeCut(packet)) return false;
  // There is room for the pieces of one packet, and an answer is sent beside another.
  if (!isAnswer(packet) && cutPacket(packet, mtuFor(packet))) return true;
  packet.reason = <u8>(isAnswer(packet) ? Reason.TOO_LONG : Reason.OUT_OF_MEMORY);
  return false;
}
