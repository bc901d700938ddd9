/**
 * Packets that change their length on their way: options are added, payload is rewritten. What gets shorter stays where
 * it is; what gets longer moves to a place of its own, of which there is one, so that JavaScript has to fetch it before
 * the next packet comes.
 */
import { reserveBlocks } from "../arena";
import { Packet, PacketFlag } from "../layout";
import { Family } from "../shared/protocol";
import { be16 } from "./bytes";
import { change16, updateChecksum } from "./checksum-update";
import { IPV6_HEADER } from "./header-size";

/** The longest IP packet, an IPv6 header and 65535 bytes, fits. */
const ROOM_BLOCKS: u32 = 2;
const LONGEST4: u32 = 65535;


@unmanaged
class Resize {
  /** The place; 0 as long as nothing has moved. */
  room: u32;
  /** Another place with as much room, where packets may grow without moving. */
  otherRoom: u32;
  /** 1: the packet that was worked on last lies in `room`. */
  moved: u32;
}

const resize = changetype<Resize>(memory.data(offsetof<Resize>(), 4));

/** Tells of a place where the longest packet has room (defrag/datagram.ts). */
export function addRoom(at: u32): void {
  resize.otherRoom = at;
}

// @ts-ignore: decorator
@inline
export function movedWaits(): bool {
  return resize.moved != 0;
}

// @ts-ignore: decorator
@inline
export function forgetMoved(): void {
  resize.moved = 0;
}

/**
 * Puts room for `insert` bytes in the place of `remove` bytes that begin `at` bytes behind the start of the IP header, in
 * the transport header or behind it. What is in that room is undefined; transport lengths and checksums are the caller's.
 * Packet.l3 and l4 may have changed. False, and nothing has, when the packet would become too long or the capture does
 * not have all those bytes.
 */
export function growPacket(packet: Packet, at: u32, remove: u32, insert: u32): bool {
  const captured = packet.l4 - packet.l3 + packet.l4Captured;
  const length = packet.l3Length + insert - remove;
  const longest = packet.family == Family.IPV6 ? IPV6_HEADER + LONGEST4 : LONGEST4;
  if (at + remove > captured || length > longest) return false;
  if (insert > remove && !makeRoom(packet, captured)) return false;
  const place = <usize>packet.l3 + at;
  memory.copy(place + insert, place + remove, captured - at - remove);
  const difference = insert - remove;
  packet.l3Length = length;
  packet.l4Length += difference;
  packet.l4Captured += difference;
  packet.flags |= <u8>PacketFlag.CHANGED;
  writeLength(packet, length);
  return true;
}

function writeLength(packet: Packet, length: u32): void {
  const l3 = <usize>packet.l3;
  if (packet.family == Family.IPV6) {
    store<u16>(l3, bswap<u16>(<u16>(length - IPV6_HEADER)), 4);
    return;
  }
  const changes = change16(load<u16>(l3, 2), bswap<u16>(<u16>length));
  store<u16>(l3, bswap<u16>(<u16>length), 2);
  updateChecksum(l3 + 10, changes);
}

function makeRoom(packet: Packet, captured: u32): bool {
  if (packet.l3 == resize.otherRoom || packet.l3 == resize.room) return packet.l3 != 0;
  if (!resize.room) resize.room = <u32>reserveBlocks(ROOM_BLOCKS);
  if (!resize.room) return false;
  memory.copy(resize.room, packet.l3, captured);
  packet.l4 += resize.room - packet.l3;
  packet.l3 = resize.room;
  resize.moved = 1;
  return true;
}

/** Length that the IP header of a packet gives. */
export function lengthInHeader(at: usize, family: u32): u32 {
  return family == Family.IPV6 ? IPV6_HEADER + be16(at + 4) : be16(at + 2);
}
