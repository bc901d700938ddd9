/** The header of a TCP segment, for matches that read its options and targets that change it. */
import { Packet } from "../layout";
import { TCP_HEADER } from "../wire/header-size";

/** The option that tells the maximum segment size, and its length. */
export const MSS: u32 = 2;
export const MSS_LENGTH: u32 = 4;

/** Bytes of the header with its options; 0 when the packet does not have all of them. */
export function tcpHeaderLength(packet: Packet): u32 {
  if (packet.l4Captured < TCP_HEADER) return 0;
  const length = ((<u32>load<u8>(packet.l4, 12)) >>> 4) << 2;
  return length < TCP_HEADER || length > packet.l4Captured ? 0 : length;
}

/** Bytes of the option at an address. One that says nothing sensible counts as one byte, so that walks end. */
export function optionLength(at: usize): u32 {
  const length = <u32>load<u8>(at, 1);
  return load<u8>(at) <= 1 || length == 0 ? 1 : length;
}
