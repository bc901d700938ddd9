/** IP addresses between bytes and text. */
import ipaddr from "ipaddr.js";
import { ConntrackError } from "./errors.js";

/** Numbers need not be written anew for each address, which takes twice as long. */
const OCTETS = Array.from({ length: 256 }, (_, octet) => `${octet}`);
const OCTETS_WITH_DOT = OCTETS.map((octet) => `${octet}.`);

export function ipv4Text(bytes: Uint8Array, at: number): string {
  const dotted = (i: number) => OCTETS_WITH_DOT[bytes[at + i] as number] as string;
  // Two halves short enough for V8 to make them in one piece, not as a tree.
  return dotted(0) + dotted(1) + (dotted(2) + OCTETS[bytes[at + 3] as number]);
}

/** Compressed, RFC 5952. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  return new ipaddr.IPv6(Array.from(bytes.subarray(at, at + 16))).toString();
}

/** Eight groups of four hexadecimal digits, as /proc prints them. IPv4 text stays as it is. */
export function expandAddress(text: string): string {
  if (!text.includes(":")) return text;
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...zeros, ...back].map((group) => group.padStart(4, "0")).join(":");
}

/** Where an address lies, four or sixteen bytes of it. */
export interface AddressBytes {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly ipv6: boolean;
}

export type Address = string | AddressBytes;

/** Compressed, RFC 5952. */
export function addressText(address: Address): string {
  if (typeof address === "string") return address;
  return (address.ipv6 ? ipv6Text : ipv4Text)(address.bytes, address.at);
}

export interface AddressRange {
  readonly family: "ipv4" | "ipv6";
  /** 4 or 16 bytes, masked. */
  readonly address: readonly number[];
  readonly mask: readonly number[];
}

/**
 * One address.
 * @throws ConntrackError CT_BAD_OPTION
 */
export function parseAddress(text: string): AddressRange {
  if (!text.includes("/")) return parseAddressRange(text);
  throw new ConntrackError("CT_BAD_OPTION", `${JSON.stringify(text)} is not an IP address`);
}

/**
 * An address, or a range in CIDR notation.
 * @throws ConntrackError CT_BAD_OPTION
 */
export function parseAddressRange(text: string): AddressRange {
  try {
    const [address, length] = text.includes("/") ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
    const bytes = address.toByteArray();
    const bits = length ?? bytes.length * 8;
    const mask = bytes.map((_, i) => (0xff00 >> Math.max(0, Math.min(8, bits - 8 * i))) & 0xff);
    return { family: address.kind(), address: bytes.map((byte, i) => byte & (mask[i] ?? 0)), mask };
  } catch {
    throw new ConntrackError(
      "CT_BAD_OPTION",
      `${JSON.stringify(text)} is neither an IP address nor a range of them`,
    );
  }
}

/**
 * An address of this machine, with the length of its network's prefix or as a single one: the address is not masked.
 * @throws ConntrackError CT_BAD_OPTION
 */
export function parseInterfaceAddress(text: string): AddressRange {
  const { family, mask } = parseAddressRange(text);
  const address = ipaddr.parse(text.split("/", 1)[0] ?? "").toByteArray();
  return { family, address, mask };
}
