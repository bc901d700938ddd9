/** Payload rewritten by a flow's helper (TypeScript), with what depends on its length. */
import { noteShift } from "../flow-sequence";
import { Flow, Packet, PacketFlag } from "../layout";
import { Protocol } from "../shared/protocol";
import { be32 } from "../wire/bytes";
import { fold, pseudoHeader, sumBytes } from "../wire/checksum";
import { growPacket, movedWaits } from "../wire/resize";
import { TCP_CHECKSUM } from "../wire/tcp";
import { UDP_CHECKSUM } from "./rewrite";

const UDP_LENGTH: usize = 4;

/**
 * Makes room for `insert` bytes in the place of `remove` bytes, `at` bytes behind the start of the transport header.
 * Returns its address, 0 when that cannot be.
 */
export function replacePayload(row: u32, at: u32, remove: u32, insert: u32): u32 {
  const packet = changetype<Packet>(row);
  const headers = packet.l4 - packet.l3;
  return growPacket(packet, headers + at, remove, insert) ? packet.l4 + at : 0;
}

/** The checksum follows in finishPayload(). */
export function setDestinationPort(row: u32, port: u32): void {
  const packet = changetype<Packet>(row);
  packet.flags |= <u8>PacketFlag.CHANGED;
  store<u16>(packet.l4, bswap<u16>(<u16>port), 2);
}

/** To be called once all is rewritten: the payload has grown by `difference` bytes in total. */
export function finishPayload(row: u32, difference: i32): void {
  const packet = changetype<Packet>(row);
  if (packet.protocol == Protocol.TCP) {
    const position = be32(packet.l4 + 4);
    if (difference) noteShift(changetype<Flow>(packet.flow), packet.direction, position, difference);
    seal(packet, TCP_CHECKSUM);
    return;
  }
  store<u16>(packet.l4, bswap<u16>(<u16>packet.l4Length), UDP_LENGTH);
  if (!load<u16>(packet.l4, UDP_CHECKSUM)) return;
  seal(packet, UDP_CHECKSUM);
  if (!load<u16>(packet.l4, UDP_CHECKSUM)) store<u16>(packet.l4, 0xffff, UDP_CHECKSUM);
}

/** Computes the checksum anew, as Linux does for rewritten payload; not of a packet that a capture has cut. */
function seal(packet: Packet, at: usize): void {
  if (packet.cut) return;
  const length = packet.l4Length;
  store<u16>(<usize>packet.l4 + at, 0);
  const sum = sumBytes(packet.l4, length, pseudoHeader(packet, packet.protocol, length));
  store<u16>(<usize>packet.l4 + at, <u16>~fold(sum));
}

/** Whether the packet at hand has grown, and lies where the next one that grows will lie. */
export function hasMoved(): bool {
  return movedWaits();
}
