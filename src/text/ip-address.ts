/** IP addresses as the C library reads and prints them (inet_pton, inet_ntop). */

/** Four decimal numbers. Undefined when it is none. */
export function parseIpv4(text: string): number[] | undefined {
  if (!/^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Undefined when it is none; without a zone ("%eth0"). */
export function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const parts = halves.map((half, i) => ipv6Part(half, i === halves.length - 1));
  const [head, tail] = parts;
  if (!head || parts.includes(undefined)) return undefined;
  if (!tail) return head.length === 16 ? head : undefined;
  const zeros = 16 - head.length - tail.length;
  return zeros >= 2 ? [...head, ...Array<number>(zeros).fill(0), ...tail] : undefined;
}

/** Groups between colons; the last one may be an IPv4 address. */
function ipv6Part(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  if (groups.length > 8) return undefined;
  for (const [i, group] of groups.entries()) {
    if (last && i === groups.length - 1 && group.includes(".")) {
      const address = parseIpv4(group);
      if (!address) return undefined;
      bytes.push(...address);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}

/** 4 or 16 bytes. */
export function formatIp(bytes: readonly number[]): string {
  return bytes.length === 4 ? bytes.join(".") : formatIpv6(bytes);
}

function formatIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const { start, length } = longestZeros(groups);
  const words = groups.map((group) => group.toString(16));
  // ::1.2.3.4 and ::ffff:1.2.3.4
  if (start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff))) {
    words.splice(6, 2, bytes.slice(12).join("."));
  }
  if (length < 2) return words.join(":");
  return `${words.slice(0, start).join(":")}::${words.slice(start + length).join(":")}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
    start = Math.max(start, end);
  }
  return best;
}

/** The first `length` bits set. */
export function prefixMask(length: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))) & 0xff);
}

/** Undefined for a mask with holes. */
export function prefixLength(mask: readonly number[]): number | undefined {
  const bits = mask.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const length = bits.indexOf("0");
  if (length < 0) return bits.length;
  return bits.includes("1", length) ? undefined : length;
}

export function applyMask(address: readonly number[], mask: readonly number[]): number[] {
  return address.map((byte, i) => byte & (mask[i] ?? 0));
}
