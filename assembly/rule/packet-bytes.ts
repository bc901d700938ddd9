/** How much of a packet can be read. */
import { Packet } from "../layout";

/** From the IP header on; fewer than l3Length where a capture cut the packet. */
// @ts-ignore: decorator
@inline
export function capturedBytes(packet: Packet): u32 {
  return packet.l4 - packet.l3 + packet.l4Captured;
}
