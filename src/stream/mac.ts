/** Ethernet addresses, and those that stand for groups. */
import { ConntrackError } from "../errors.js";

/** Six bytes. */
export type Mac = Uint8Array;

export const BROADCAST: Mac = new Uint8Array(6).fill(0xff);

/** Bit of an address's first byte that says: a group. */
const GROUP = 1;

export function isGroup(frame: Uint8Array): boolean {
  return ((frame[0] as number) & GROUP) !== 0;
}

/** @throws ConntrackError CT_BAD_OPTION for what is no address of a single card */
export function parseMac(text: string): Mac {
  const bytes = text
    .split(":")
    .map((byte) => (/^[0-9a-f]{1,2}$/i.test(byte) ? Number.parseInt(byte, 16) : -1));
  if (bytes.length === 6 && bytes.every((byte) => byte >= 0) && bytes.some((byte) => byte > 0)) {
    const mac = Uint8Array.from(bytes);
    if (!isGroup(mac)) return mac;
  }
  throw new ConntrackError(
    "CT_BAD_OPTION",
    `mac: ${JSON.stringify(text)} is not the address of a network card`,
  );
}

/** Where a group's packets go: RFC 1112 section 6.4, RFC 2464 section 7. */
export function groupMac(address: Uint8Array): Mac {
  const mac = new Uint8Array(6);
  if (address.length === 4) {
    mac.set([0x01, 0x00, 0x5e]);
    mac.set(address.subarray(1), 3);
    mac[3] = (mac[3] as number) & 0x7f;
  } else {
    mac.set([0x33, 0x33]);
    mac.set(address.subarray(12), 2);
  }
  return mac;
}

/** The link-local address that a card's own gives it: RFC 4291 appendix A. */
export function linkLocalAddress(mac: Mac): Uint8Array {
  const address = new Uint8Array(16);
  address.set([0xfe, 0x80]);
  address.set(mac.subarray(0, 3), 8);
  address.set([0xff, 0xfe], 11);
  address.set(mac.subarray(3), 13);
  address[8] = (address[8] as number) ^ 2;
  return address;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
