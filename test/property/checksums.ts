/** Checksums computed here by the definition (RFC 1071, RFC 9260), to judge what the engine has written. */
import { Protocol } from "../../assembly/shared/protocol.js";
import { dissect } from "../../src/packet/index.js";

function sum(bytes: Uint8Array, start = 0): number {
  let total = start;
  for (let i = 0; i < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

/** What is wrong with the packet's checksums; empty when nothing is. Not for fragments. */
export function wrongChecksums(packet: Uint8Array): string[] {
  const headers = dissect(packet);
  if (!headers) return ["no IP packet"];
  const { at, family, protocol } = headers;
  const wrong: string[] = [];
  if (family === "ipv4" && sum(packet.subarray(0, at.transport)) !== 0xffff) wrong.push("IPv4 header");
  const segment = packet.subarray(at.transport, at.end);
  const addresses = family === "ipv4" ? packet.subarray(12, 20) : packet.subarray(8, 40);
  const pseudo = sum(addresses, protocol + segment.length);
  switch (protocol) {
    case Protocol.TCP:
    case Protocol.ICMPV6:
      if (sum(segment, pseudo) !== 0xffff) wrong.push(`protocol ${protocol}`);
      break;
    case Protocol.UDP:
      if ((segment[6] || segment[7]) && sum(segment, pseudo) !== 0xffff) wrong.push("UDP");
      break;
    case Protocol.ICMP:
      if (sum(segment) !== 0xffff) wrong.push("ICMP");
      break;
    case Protocol.SCTP: {
      const found = new DataView(segment.buffer, segment.byteOffset).getUint32(8, true);
      const blank = segment.slice();
      blank.fill(0, 8, 12);
      if (crc32c(blank) !== found) wrong.push("SCTP");
      break;
    }
  }
  return wrong;
}
