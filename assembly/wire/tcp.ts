/** TCP header (RFC 9293 section 3.1): checked once, then read as a Segment. */
import { Packet } from "../layout";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { TcpClass } from "../shared/tcp-state";
import { transportChecksumHolds } from "./checksum";
import { TCP_HEADER } from "./header-size";

/** Where the checksum stands. */
export const TCP_CHECKSUM: u32 = 16;

export const FIN: u32 = 0x01;
export const SYN: u32 = 0x02;
export const RST: u32 = 0x04;
export const ACK: u32 = 0x10;
export const URG: u32 = 0x20;

/** The flags that decide validity: PSH, ECE and CWR go with anything. */
const DECIDING: u32 = FIN | SYN | RST | ACK | URG;

const ONE: u64 = 1;

/** Bit n: flag combination n (of the deciding ones) is one that real stacks send. */
const VALID_COMBINATIONS: u64 =
  (ONE << SYN) |
  (ONE << (SYN | URG)) |
  (ONE << (SYN | ACK)) |
  (ONE << RST) |
  (ONE << (RST | ACK)) |
  (ONE << (FIN | ACK)) |
  (ONE << (FIN | ACK | URG)) |
  (ONE << ACK) |
  (ONE << (ACK | URG));

/** What the tracker needs of the segment at hand: the header's first 16 bytes in host order, and what follows. */
@unmanaged
export class Segment {
  seq: u32;
  ack: u32;
  /** Window as it stands in the header, before scaling. */
  window: u16;
  flags: u8;
  /** Data offset in its upper half. */
  dataOffset: u8;
  ports: u32;
  /** seq + payload + 1 for SYN + 1 for FIN: the sequence number after this segment. */
  end: u32;
  /** TcpClass. */
  class: u32;
  options: u32;
  optionsEnd: u32;
}

export const segment = changetype<Segment>(memory.data(offsetof<Segment>(), 16));

// @ts-ignore: decorator
@inline
export function checkTcp(packet: Packet, verify: bool): Reason {
  const at = <usize>packet.l4;
  if (packet.l4Captured < TCP_HEADER) {
    packet.a = packet.l4Length;
    return Reason.TCP_SHORT;
  }
  // One shuffle instead of four byte swaps.
  const raw = v128.load(at);
  const host = i8x16.shuffle(raw, raw, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 0, 1, 2, 3);
  v128.store(changetype<usize>(segment), host);
  const header = ((<u32>segment.dataOffset) >>> 4) << 2;
  if (header < TCP_HEADER || header > packet.l4Length) {
    packet.a = header;
    packet.b = packet.l4Length;
    return Reason.TCP_TRUNCATED;
  }
  if (verify && !packet.cut && !transportChecksumHolds(packet, Protocol.TCP, packet.l4Length)) {
    return Reason.TCP_CHECKSUM;
  }
  const flags = <u32>segment.flags;
  segment.options = <u32>at + TCP_HEADER;
  segment.optionsEnd = <u32>at + min(header, packet.l4Captured);
  // Nearly all segments: a valid combination, with or without URG, and the class is known.
  if ((flags & (FIN | SYN | RST | ACK)) == ACK) {
    segment.class = TcpClass.ACK;
    segment.end = segment.seq + (packet.l4Length - header);
    return Reason.NONE;
  }
  if (!((VALID_COMBINATIONS >>> (flags & DECIDING)) & 1)) {
    packet.a = flags;
    return Reason.TCP_FLAGS;
  }
  segment.class = classOf(flags);
  segment.end = segment.seq + (packet.l4Length - header) + ((flags & SYN) >>> 1) + (flags & FIN);
  return Reason.NONE;
}

/** The first that applies, in this order. */
// @ts-ignore: decorator
@inline
function classOf(flags: u32): TcpClass {
  if (flags & RST) return TcpClass.RST;
  if (flags & SYN) return flags & ACK ? TcpClass.SYNACK : TcpClass.SYN;
  if (flags & FIN) return TcpClass.FIN;
  return flags & ACK ? TcpClass.ACK : TcpClass.NONE;
}
