/** Sets as `ipset save` prints them. */
import { formatIp, prefixLength } from "../text/ip-address.js";
import { hex } from "../text/number.js";
import { numberAddress, printPort } from "./element-parts.js";
import type { IpSet, SetElement, SetValue } from "./sets.js";

/** Lists of sets come last. Elements are printed in their order, where Linux prints those of a hash in any. */
export function printIpsets(sets: readonly IpSet[]): string {
  const lists = sets.filter(({ method }) => method === "list");
  return [...sets.filter(({ method }) => method !== "list"), ...lists]
    .flatMap((set) => [printCreate(set), ...set.elements.map((element) => printAdd(set, element))])
    .map((line) => `${line}\n`)
    .join("");
}

function join(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false).join(" ");
}

function printCreate(set: IpSet): string {
  const { name, type, method, family, hash, mask, markMask, range, size, timeout } = set;
  return join(
    `create ${printName(name)} ${type}`,
    method === "hash" && family && `family ${family === "ipv4" ? "inet" : "inet6"}`,
    range && `range ${printRange(set)}`,
    hash && `hashsize ${hash.hashSize} maxelem ${hash.maxElements}`,
    markMask !== undefined && `markmask 0x${markMask.toString(16).padStart(8, "0")}`,
    mask && `${mask.option} ${mask.option === "netmask" ? prefixLength(mask.bytes) : formatIp(mask.bytes)}`,
    size !== undefined && `size ${size}`,
    timeout !== undefined && `timeout ${timeout}`,
    set.counters && "counters",
    set.comments && "comment",
    set.skbinfo && "skbinfo",
    hash?.forceAdd && "forceadd",
    hash?.bucketSize !== undefined && `bucketsize ${hash.bucketSize}`,
    hash?.initialValue !== undefined && `initval 0x${hash.initialValue.toString(16).padStart(8, "0")}`,
  );
}

function printName(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}

function printRange({ parts, range = { min: 0, max: 0 } }: IpSet): string {
  if (parts[0] === "port") return `${range.min}-${range.max}`;
  return `${formatIp(numberAddress(range.min))}-${formatIp(numberAddress(range.max))}`;
}

function printAdd(set: IpSet, element: SetElement): string {
  const { values, nomatch, timeout, packets, bytes, comment, mark, priority, queue } = element;
  return join(
    `add ${printName(set.name)}`,
    values
      .map(printValue)
      .filter((value) => value !== "")
      .join(","),
    timeout !== undefined && `timeout ${timeout}`,
    nomatch && "nomatch",
    values.some((value) => value.kind === "iface" && value.prefix) && "wildcard",
    set.counters && `packets ${packets} bytes ${bytes}`,
    comment !== undefined && `comment "${comment}"`,
    mark && (mark.value > 0 || mark.mask < 0xffffffff) && printMark(mark),
    priority ? `skbprio ${(priority >>> 16).toString(16)}:${(priority & 0xffff).toString(16)}` : undefined,
    queue ? `skbqueue ${queue}` : undefined,
  );
}

function printMark({ value, mask }: NonNullable<SetElement["mark"]>): string {
  return `skbmark ${hex(value)}${mask === 0xffffffff ? "" : `/${hex(mask)}`}`;
}

function printValue(value: SetValue): string {
  switch (value.kind) {
    case "ip":
      return formatIp(value.address);
    case "net":
      return value.prefix === value.address.length * 8
        ? formatIp(value.address)
        : `${formatIp(value.address)}/${value.prefix}`;
    case "port":
      return value.protocol === undefined ? `${value.port}` : printPort(value.protocol, value.port);
    case "mac":
      return (value.address ?? []).map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(":");
    case "iface":
      return `${value.physical ? "physdev:" : ""}${value.name}`;
    case "mark":
      return `0x${value.mark.toString(16).padStart(8, "0")}`;
    case "set":
      return printName(value.set);
  }
}
