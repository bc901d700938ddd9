/** SCTP common header and chunks (RFC 9260 section 3). */
import { Packet } from "../layout";
import { Reason } from "../shared/reason";
import { be16 } from "./bytes";
import { crc32c } from "./crc32c";
import { SCTP_HEADER } from "./header-size";

/** Offset of the first chunk from the transport header. */
export const FIRST_CHUNK: u32 = SCTP_HEADER;
export const CHUNK_HEADER: u32 = 4;

export const DATA: u32 = 0;
export const INIT: u32 = 1;
export const INIT_ACK: u32 = 2;
export const HEARTBEAT: u32 = 4;
export const HEARTBEAT_ACK: u32 = 5;
export const ABORT: u32 = 6;
export const SHUTDOWN: u32 = 7;
export const SHUTDOWN_ACK: u32 = 8;
export const ERROR_CHUNK: u32 = 9;
export const COOKIE_ECHO: u32 = 10;
export const COOKIE_ACK: u32 = 11;
export const SHUTDOWN_COMPLETE: u32 = 14;

/** Set of the chunk types 0..63 that a packet carries. */
// @ts-ignore: decorator
@inline
export function chunkBit(type: u32): u64 {
  return type < 64 ? (<u64>1) << (<u64>type) : 0;
}

// @ts-ignore: decorator
@inline
export function verificationTag(packet: Packet): u32 {
  return load<u32>(packet.l4, 4);
}

export function checkSctp(packet: Packet, verify: bool): Reason {
  if (packet.l4Captured < SCTP_HEADER) {
    packet.a = packet.l4Length;
    return Reason.SCTP_SHORT;
  }
  if (verify && !packet.cut && !checksumHolds(packet)) return Reason.SCTP_CHECKSUM;
  return checkChunks(packet);
}

function checksumHolds(packet: Packet): bool {
  const at = <usize>packet.l4;
  const found = load<u32>(at, 8);
  let crc = crc32c(0xffffffff, at, 8);
  // The checksum field itself counts as zero.
  crc = crc32c(crc, zeros, 4);
  crc = crc32c(crc, at + SCTP_HEADER, packet.l4Length - SCTP_HEADER);
  return ~crc == found;
}

const zeros: usize = memory.data(8, 8);

// @ts-ignore: decorator
@inline
export function hasChunk(packet: Packet, offset: u32): bool {
  return offset + CHUNK_HEADER <= packet.l4Captured;
}

/** Chunks are padded to four bytes. */
// @ts-ignore: decorator
@inline
export function nextChunk(packet: Packet, offset: u32): u32 {
  return offset + ((be16(packet.l4 + offset + 2) + 3) & ~3);
}

/** Which chunks go together (RFC 9260 sections 3.3.2, 3.3.11, 3.3.12, 3.3.13). */
function checkChunks(packet: Packet): Reason {
  let position: u32 = 0;
  let mustBeAlone = false;
  for (let offset = SCTP_HEADER; hasChunk(packet, offset); offset = nextChunk(packet, offset)) {
    const type = <u32>load<u8>(packet.l4 + offset);
    if (type == INIT || type == INIT_ACK || type == SHUTDOWN_COMPLETE) mustBeAlone = true;
    const mustBeFirst = mustBeAlone || type == COOKIE_ACK || type == COOKIE_ECHO;
    if ((mustBeFirst && position != 0) || be16(packet.l4 + offset + 2) == 0) {
      packet.a = position;
      packet.b = type;
      packet.c = <u32>load<u16>(packet.l4 + offset, 2);
      packet.d = mustBeAlone ? 1 : 0;
      return Reason.SCTP_CHUNKS;
    }
    position++;
  }
  return position ? Reason.NONE : Reason.SCTP_NO_CHUNK;
}

/** The types that occur in the packet. */
export function chunkTypes(packet: Packet): u64 {
  let types: u64 = 0;
  for (let offset = SCTP_HEADER; hasChunk(packet, offset); offset = nextChunk(packet, offset)) {
    types |= chunkBit(<u32>load<u8>(packet.l4 + offset));
  }
  return types;
}

/** The initiate tag of an INIT or INIT ACK; false when it is cut off. */
export function hasInitiateTag(packet: Packet, offset: u32): bool {
  return offset + 20 <= packet.l4Captured;
}

// @ts-ignore: decorator
@inline
export function initiateTag(packet: Packet, offset: u32): u32 {
  return load<u32>(packet.l4 + offset, CHUNK_HEADER);
}
