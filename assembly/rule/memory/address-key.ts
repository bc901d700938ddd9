/** Keys that begin with an address of the packet: 16 bytes, IPv4 in the first four, under a mask. */
import { Packet } from "../../layout";
import { Family } from "../../shared/protocol";

export const KEY_BYTES: u32 = 64;
export const key: usize = memory.data(KEY_BYTES, 16);

/** `mask`: address of 16 bytes. */
export function writeAddress(at: usize, packet: Packet, destination: bool, mask: usize): void {
  const l3 = <usize>packet.l3;
  if (packet.family == Family.IPV4) {
    const address = destination ? load<u32>(l3, 16) : load<u32>(l3, 12);
    store<u64>(at, address & load<u32>(mask));
    store<u64>(at, 0, 8);
    return;
  }
  const from = l3 + (destination ? 24 : 8);
  v128.store(at, v128.and(v128.load(from), v128.load(mask)));
}
