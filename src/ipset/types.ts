/** Types of sets. */
import type { Word } from "../text/source.js";
import { setError } from "./set-error.js";
import type { IpSet, SetPart } from "./sets.js";

const TYPES: readonly string[] = [
  "bitmap:ip",
  "bitmap:ip,mac",
  "bitmap:port",
  "hash:ip",
  "hash:ip,mac",
  "hash:ip,mark",
  "hash:ip,port",
  "hash:ip,port,ip",
  "hash:ip,port,net",
  "hash:mac",
  "hash:net",
  "hash:net,iface",
  "hash:net,net",
  "hash:net,port",
  "hash:net,port,net",
  "list:set",
];

/** Names of old that ipset still knows. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ["ipmap", "bitmap:ip"],
  ["macipmap", "bitmap:ip,mac"],
  ["portmap", "bitmap:port"],
  ["iphash", "hash:ip"],
  ["nethash", "hash:net"],
  ["ipporthash", "hash:ip,port"],
  ["ipportiphash", "hash:ip,port,ip"],
  ["ipportnethash", "hash:ip,port,net"],
  ["setlist", "list:set"],
]);

export type SetType = Pick<IpSet, "type" | "method" | "parts">;

/** @throws SourceError */
export function readType(word: Word): SetType {
  const type = OLD_NAMES.get(word.text) ?? word.text;
  if (!TYPES.includes(type))
    throw setError(word, `no type of set is called ${JSON.stringify(word.text)}`, TYPES.join(", "));
  const [method, parts = ""] = type.split(":");
  return { type, method: method as IpSet["method"], parts: parts.split(",") as SetPart[] };
}

/** Whether addresses may be masked, and how. */
export function maskOptions(type: string): readonly ("netmask" | "bitmask")[] {
  if (type === "bitmap:ip") return ["netmask"];
  return ["hash:ip", "hash:ip,port", "hash:net,net"].includes(type) ? ["netmask", "bitmask"] : [];
}
