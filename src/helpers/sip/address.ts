/** Reads addresses from text without knowing where they end: whatever cannot belong to one ends it. */
import { ipv4Text, ipv6Text } from "../../address.js";

export interface AddressText {
  /** As flows print it. */
  readonly address: string;
  /** Behind its last character. */
  readonly end: number;
}

const DOT = 46;
const COLON = 58;

export function addressAt(bytes: Uint8Array, at: number, family: "ipv4" | "ipv6"): AddressText | undefined {
  return family === "ipv4" ? ipv4At(bytes, at) : ipv6At(bytes, at);
}

function ipv4At(bytes: Uint8Array, at: number): AddressText | undefined {
  const octets = new Uint8Array(4);
  const end = readOctets(bytes, at, octets, 0);
  return end === undefined ? undefined : { address: ipv4Text(octets, 0), end };
}

/** Four decimal numbers with dots between them, into `octets` from `offset` on; returns where they end. */
function readOctets(bytes: Uint8Array, at: number, octets: Uint8Array, offset: number): number | undefined {
  let i = at;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && bytes[i++] !== DOT) return undefined;
    const start = i;
    let value = 0;
    for (; hexDigit(bytes[i]) < 10; i++) {
      value = value * 10 + hexDigit(bytes[i]);
      if (value > 255) return undefined;
    }
    if (i === start) return undefined;
    octets[offset + part] = value;
  }
  return bytes[i] === DOT || hexDigit(bytes[i]) < 16 ? undefined : i;
}

function ipv6At(bytes: Uint8Array, at: number): AddressText | undefined {
  const found = new Uint8Array(16);
  let used = 0;
  /** Where "::" stands among the bytes found. */
  let gap = -1;
  let i = at;
  if (bytes[i] === COLON) {
    if (bytes[i + 1] !== COLON) return undefined;
    gap = 0;
    i += 2;
  }
  for (;;) {
    const start = i;
    let value = 0;
    for (; hexDigit(bytes[i]) < 16; i++) {
      value = value * 16 + hexDigit(bytes[i]);
      if (value > 0xffff) return undefined;
    }
    // Only "::" may be followed by nothing.
    if (i === start) {
      if (gap !== used || bytes[i] === COLON || bytes[i] === DOT) return undefined;
      break;
    }
    if (bytes[i] === DOT) {
      if (used > 12) return undefined;
      const end = readOctets(bytes, start, found, used);
      if (end === undefined || bytes[end] === COLON) return undefined;
      used += 4;
      i = end;
      break;
    }
    if (used >= 16) return undefined;
    found[used++] = value >>> 8;
    found[used++] = value & 0xff;
    if (bytes[i] !== COLON) break;
    i++;
    if (bytes[i] === COLON) {
      if (gap >= 0) return undefined;
      gap = used;
      i++;
    }
  }
  if (gap < 0 ? used !== 16 : used >= 16) return undefined;
  if (gap >= 0) {
    found.copyWithin(16 - (used - gap), gap, used);
    found.fill(0, gap, 16 - (used - gap));
  }
  return { address: ipv6Text(found, 0), end: i };
}

/** 16 for what is none. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return 16;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : 16;
}
