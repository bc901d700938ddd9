/** Both addresses of an IP packet, whose header must be whole. */
export function addressesOf(packet: Uint8Array): { source: Uint8Array; destination: Uint8Array } {
  const [at, size] = (packet[0] as number) >> 4 === 6 ? [8, 16] : [12, 4];
  return { source: packet.slice(at, at + size), destination: packet.slice(at + size, at + 2 * size) };
}
