/** How iptables-save writes values that several options have. */
import { formatIp, prefixLength } from "../text/ip-address.js";
import { hex } from "../text/number.js";
import { U32_MAX } from "./readers.js";
import type { AddressRange, BigRange, Masked, Network, Range } from "./values.js";

/** Joins what is there. */
export function words(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join(" ");
}

/** The option with "!" in front when it is inverted; nothing for one that is not given. */
export function given<T extends { readonly invert: boolean }>(
  name: string,
  option: T | undefined,
  print?: (option: T) => string | number,
): string | undefined {
  if (!option) return undefined;
  return words(option.invert && "!", name, print && `${print(option)}`);
}

/** "N" or "N:M". */
export function printRange({ min, max }: Range | BigRange): string {
  return min === max ? `${min}` : `${min}:${max}`;
}

/** Nothing for a range that leaves nothing out, unless it is inverted. */
export function partial<T extends Range & { readonly invert: boolean }>(
  range: T | undefined,
  max: number,
): T | undefined {
  return range && (range.invert || range.min !== 0 || range.max !== max) ? range : undefined;
}

export function printMark({ value, mask }: Masked): string {
  return mask === U32_MAX ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

/** With its length, or its mask when that has holes. */
export function printNetwork({ address, mask }: Network): string {
  return `${formatIp(address)}/${prefixLength(mask) ?? formatIp(mask)}`;
}

/** An address alone when all its bits count. */
export function printHostOrNetwork(network: Network): string {
  const whole = network.mask.every((byte) => byte === 255);
  return whole ? formatIp(network.address) : printNetwork(network);
}

export function printAddressRange({ min, max }: AddressRange): string {
  return `${formatIp(min)}-${formatIp(max)}`;
}

/** Two hexadecimal digits. */
export function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}
