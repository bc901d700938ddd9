/** ARP for IPv4 over Ethernet (RFC 826): the 28 bytes behind the Ethernet header. */
import type { Mac } from "./mac.js";

export interface ArpMessage {
  readonly request: boolean;
  readonly senderMac: Mac;
  readonly sender: Uint8Array;
  readonly target: Uint8Array;
}

const LENGTH = 28;
/** Ethernet, IPv4, six bytes and four. */
const HEAD = [0, 1, 0x08, 0x00, 6, 4, 0];
const REQUEST = 1;
const REPLY = 2;

/** Undefined for what is neither a request nor a reply of this kind. */
export function readArp(bytes: Uint8Array): ArpMessage | undefined {
  const operation = bytes[7];
  if (bytes.length < LENGTH || HEAD.some((byte, i) => byte !== bytes[i])) return undefined;
  if (operation !== REQUEST && operation !== REPLY) return undefined;
  return {
    request: operation === REQUEST,
    senderMac: bytes.slice(8, 14),
    sender: bytes.slice(14, 18),
    target: bytes.slice(24, 28),
  };
}

/** `targetMac` is left out of requests. */
export function writeArp(message: ArpMessage, targetMac?: Mac): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  bytes.set(HEAD);
  bytes[7] = message.request ? REQUEST : REPLY;
  bytes.set(message.senderMac, 8);
  bytes.set(message.sender, 14);
  if (targetMac) bytes.set(targetMac, 18);
  bytes.set(message.target, 24);
  return bytes;
}
