/**
 * TCP segments of a flow whose payload has changed its length: each end is shown the sequence numbers that it would see
 * if the other one had sent what it has received.
 */
import { offsetOf, Shift, shiftOf } from "../flow-sequence";
import { Flow, Packet, PacketFlag } from "../layout";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { be32 } from "../wire/bytes";
import { fold } from "../wire/checksum";
import { change32, updateChecksum } from "../wire/checksum-update";
import { TCP_HEADER } from "../wire/header-size";
import { ACK, TCP_CHECKSUM } from "../wire/tcp";
import { END, NOP, SACK } from "../wire/tcp-options";

const SEQUENCE: usize = 4;
const ACKNOWLEDGED: usize = 8;
const FLAGS: usize = 13;

/** False: the packet is to be dropped, because its options make no sense and what they acknowledge is not known. */
export function adjustSequence(packet: Packet, flow: Flow): bool {
  if (packet.protocol != Protocol.TCP || packet.l4Captured < TCP_HEADER) return true;
  const l4 = <usize>packet.l4;
  const sent = shiftOf(flow, packet.direction);
  const received = shiftOf(flow, packet.direction ^ 1);
  const seq = be32(l4 + SEQUENCE);
  let changes = replace(l4 + SEQUENCE, seq + offsetOf(sent, seq));
  let readable = true;
  if (load<u8>(l4, FLAGS) & ACK) {
    changes += replace(l4 + ACKNOWLEDGED, unshifted(received, be32(l4 + ACKNOWLEDGED)));
    const length = ((<u32>load<u8>(l4, 12)) >>> 4) << 2;
    const sacks = adjustSacks(l4, l4 + min(length, packet.l4Captured), received);
    if (sacks != MALFORMED) changes += sacks;
    else readable = packet.cut != 0;
  }
  updateChecksum(l4 + TCP_CHECKSUM, changes);
  packet.flags |= <u8>PacketFlag.CHANGED;
  if (!readable) packet.reason = <u8>Reason.NAT_OPTIONS;
  return readable;
}

/** The number that the receiver of the other direction means: its sender knows nothing of the shift. */
function unshifted(shift: Shift, number: u32): u32 {
  return number - offsetOf(shift, number - shift.before);
}

/** Returns what that does to the checksum. */
function replace(at: usize, number: u32): u64 {
  const changes = change32(load<u32>(at), bswap<u32>(number));
  store<u32>(at, bswap<u32>(number));
  return changes;
}

const MALFORMED: u64 = 0xffffffffffffffff;

/** Selective acknowledgements (RFC 2018). Returns what that does to the checksum, or MALFORMED. */
function adjustSacks(l4: usize, end: usize, shift: Shift): u64 {
  let changes: u64 = 0;
  let at = l4 + TCP_HEADER;
  while (at < end) {
    const kind = <u32>load<u8>(at);
    if (kind == END) break;
    if (kind == NOP) {
      at++;
      continue;
    }
    if (at + 2 > end) return MALFORMED;
    const length = <u32>load<u8>(at, 1);
    if (length < 2 || at + length > end) return MALFORMED;
    if (kind == SACK && length >= 10 && (length - 2) % 8 == 0) {
      for (let edge = at + 2; edge < at + length; edge += 4) {
        const change = replace(edge, unshifted(shift, be32(edge)));
        // At an odd place the bytes of a checksum's words stand the other way round.
        changes += (edge - l4) & 1 ? <u64>bswap<u16>(<u16>fold(change)) : change;
      }
    }
    at += length;
  }
  return changes;
}
