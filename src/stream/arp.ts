/** ARP (RFC 826) for IPv4 on Ethernet. */
import type { Mac } from "./frame.js";

/** What a message about neighbours says, of ARP or of neighbour discovery. */
export interface Heard {
  /** It answers; otherwise it asks. */
  readonly answers: boolean;
  /** Who asks; undefined for one who has no address yet. */
  readonly asker: readonly number[] | undefined;
  /** The address that is asked for. */
  readonly wants: readonly number[] | undefined;
  /** The address that `mac` is said to have. */
  readonly target: readonly number[] | undefined;
  readonly mac: Mac | undefined;
}

const LENGTH = 28;
const REQUEST = 1;
const REPLY = 2;
/** Ethernet, IPv4, their lengths. */
const KIND = [0, 1, 8, 0, 6, 4];

export function hearArp(message: Uint8Array): Heard | undefined {
  if (message.length < LENGTH || KIND.some((byte, i) => byte !== message[i])) return undefined;
  const operation = ((message[6] ?? 0) << 8) | (message[7] ?? 0);
  if (operation !== REQUEST && operation !== REPLY) return undefined;
  const mac = message.slice(8, 14);
  if ((mac[0] ?? 0) & 1) return undefined;
  const sender = Array.from(message.subarray(14, 18));
  const known = sender.some((byte) => byte !== 0);
  return {
    answers: operation === REPLY,
    // A probe (RFC 5227) is answered, too, and tells nothing of its sender.
    asker: sender,
    wants: Array.from(message.subarray(24, 28)),
    target: known ? sender : undefined,
    mac,
  };
}

function message(
  operation: number,
  from: Mac,
  sender: readonly number[],
  to: Mac,
  target: readonly number[],
) {
  const bytes = new Uint8Array(LENGTH);
  bytes.set(KIND);
  bytes[7] = operation;
  bytes.set(from, 8);
  bytes.set(sender, 14);
  bytes.set(to, 18);
  bytes.set(target, 24);
  return bytes;
}

/** Who has `address`? */
export function ask(about: { own: readonly number[]; mac: Mac; address: readonly number[] }): Uint8Array {
  return message(REQUEST, about.mac, about.own, new Uint8Array(6), about.address);
}

export function answerTo(about: {
  own: readonly number[];
  mac: Mac;
  asker: readonly number[];
  to: Mac;
}): Uint8Array {
  return message(REPLY, about.mac, about.own, about.to, about.asker);
}
