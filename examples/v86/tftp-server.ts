/** An outside that needs no network: a host that serves one text by TFTP (RFC 1350), as a pair of streams of IP packets. */
import { dissect, udp } from "conntrack-wasm/packet";

const PORT = 69;
const TRANSFER = 50000;
const BLOCK = 512;
const READ = 1;
const ACK = 4;

export function tftpServer(address: string, text: string): ReadableWritablePair<Uint8Array, Uint8Array> {
  const file = new TextEncoder().encode(text);
  return new TransformStream({
    transform(packet, controller) {
      const query = dissect(packet);
      if (query?.dst !== address || query.sport === undefined) return;
      const message = packet.subarray(query.at.payload, query.at.end);
      const asked = query.dport === PORT && message[1] === READ;
      const acknowledged = query.dport === TRANSFER && message[1] === ACK;
      if (!asked && !acknowledged) return;
      const block = asked ? 1 : (((message[2] as number) << 8) | (message[3] as number)) + 1;
      const from = (block - 1) * BLOCK;
      // The last block is shorter than the others, if only by being empty.
      if (from > file.length) return;
      const payload = [0, 3, block >> 8, block & 255, ...file.subarray(from, from + BLOCK)];
      // From a port of its own for each transfer: the firewall's TFTP helper expects that.
      const ends = { src: address, dst: query.src, sport: TRANSFER, dport: query.sport };
      controller.enqueue(udp({ ...ends, payload }));
    },
  });
}
