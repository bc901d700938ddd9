/** Packets that get longer or shorter on their way: an option added to a header, a payload rewritten. */
import { reserveBlocks } from "../arena";
import { Packet, PacketFlag } from "../layout";
import { Family } from "../shared/protocol";
import { change16, updateChecksum } from "./checksum-update";

/** The length field of an IP header has 16 bits, and IPv6 does not count its header of 40 bytes. */
const LONGEST: u32 = 65535;
const LONGEST6: u32 = 65535 + 40;
const ROOM_BLOCKS: u32 = 2;

/** Where a packet lies that has become too long for its place: there is room for one, 0 as long as there was none. */
const room: usize = memory.data(4, 4);

/**
 * Takes `remove` bytes out of the packet at address `at`, which is not before its transport header, and puts in
 * `insert` bytes, to be written by the caller. Lengths and checksum of the IP header follow; what the transport
 * header says is the caller's. A packet that gets longer moves, once: until its call of the batch has returned, it is
 * the only one. Returns the new `at`, or 0 and leaves the packet alone when it would be too long or memory is out.
 */
export function growPacket(packet: Packet, at: usize, remove: u32, insert: u32): usize {
  const length = packet.l3Length + insert - remove;
  if (length > (packet.family == Family.IPV4 ? LONGEST : LONGEST6)) return 0;
  const from = at + remove;
  const tail = packet.l4 + packet.l4Captured - from;
  if (insert > remove && !(packet.flags & PacketFlag.MOVED)) {
    const place = makeRoom();
    if (!place) return 0;
    memory.copy(place + (at - packet.l3) + insert, from, tail);
    memory.copy(place, packet.l3, at - packet.l3);
    at = place + (at - packet.l3);
    packet.l4 = <u32>place + (packet.l4 - packet.l3);
    packet.l3 = <u32>place;
    packet.flags |= <u8>PacketFlag.MOVED;
  } else {
    memory.copy(at + insert, from, tail);
  }
  packet.l4Length += insert - remove;
  packet.l4Captured += insert - remove;
  packet.flags |= <u8>PacketFlag.CHANGED;
  setLength(packet, length);
  return at;
}

function makeRoom(): usize {
  if (!load<u32>(room)) store<u32>(room, <u32>reserveBlocks(ROOM_BLOCKS));
  return load<u32>(room);
}

function setLength(packet: Packet, length: u32): void {
  const l3 = <usize>packet.l3;
  packet.l3Length = length;
  if (packet.family == Family.IPV6) {
    store<u16>(l3, bswap<u16>(<u16>(length - 40)), 4);
    return;
  }
  const raw = <u32>bswap<u16>(<u16>length);
  updateChecksum(l3 + 10, change16(load<u16>(l3, 2), raw));
  store<u16>(l3, <u16>raw, 2);
}
