/** Ethernet frames (IEEE 802.3), without padding and check sequence. */
import { ConntrackError } from "../errors.js";

/** Six bytes. */
export type Mac = Uint8Array;

const HEADER = 14;

/** @throws ConntrackError CT_BAD_OPTION */
export function macOf(text: string): Mac {
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) {
    return Uint8Array.from(text.split(":"), (byte) => Number.parseInt(byte, 16));
  }
  throw new ConntrackError("CT_BAD_OPTION", `${JSON.stringify(text)} is not an Ethernet address`);
}

export function macText(mac: Mac): string {
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

export function frameOf(to: Mac, from: Mac, type: number, content: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER + content.length);
  frame.set(to);
  frame.set(from, 6);
  frame[12] = type >>> 8;
  frame[13] = type & 0xff;
  frame.set(content, HEADER);
  return frame;
}
