/** The search for what a packet has: by its key, or network by network. */
import { Packet } from "../../layout";
import {
  ElementFlag,
  ElementRecord,
  IfaceFlag,
  SetFlag,
  SetKey,
  SetPart,
  SetUse,
} from "../../shared/ipset-record";
import { findLike } from "../memory/hash-table";
import { countersHold } from "./counters";
import { addElement, elementKey, findElement, hasPrefix, IpSet, isOver, removeElement } from "./ip-set";
import { writeKey } from "./key";

/** The most specific network first: an element with nomatch ends the search as one without does. */
const MAX_PREFIX4: i32 = 32;
const MAX_PREFIX6: i32 = 128;

// @ts-ignore: decorator
@inline
export function setOf(use: usize): IpSet {
  return changetype<IpSet>(load<u32>(use, SetUse.SET));
}

/** Whether the use names as many parts as the set has: if not, nothing is in it and nothing comes into it. */
// @ts-ignore: decorator
@inline
export function isNamed(set: IpSet, use: usize): bool {
  return load<u8>(use, SetUse.DIMENSIONS) >= set.partCount;
}

/**
 * The element that a packet belongs to and whose counters hold, 0 for none; it may be one with nomatch. Where they do
 * not, the search goes on. `comparing`: a SetMatchRecord, 0 for none.
 */
export function elementFor(set: IpSet, packet: Packet, sources: u32, flags: u32, comparing: usize): u32 {
  if (!writeKey(set, packet, sources)) return 0;
  const nets = networksOf(set);
  if (nets) return searchNetworks(set, packet, nets, flags, comparing);
  let element = findElement(set);
  if (!element && set.part1 == SetPart.MAC && set.flags & SetFlag.BITMAP) element = withoutMac(set);
  return element && countersHold(set, element, packet, flags, comparing) ? element : 0;
}

/** How many parts of the set's elements are networks. */
export function networksOf(set: IpSet): u32 {
  return <u32>(set.part0 == SetPart.NET) + <u32>(set.part1 == SetPart.NET) + <u32>(set.part2 == SetPart.NET);
}

/** An address whose MAC address is not known yet takes the packet's. */
function withoutMac(set: IpSet): u32 {
  const mac = load<u64>(elementKey, SetKey.SECOND);
  store<u64>(elementKey, 0, SetKey.SECOND);
  const element = findElement(set);
  if (!element || !(load<u8>(element, ElementRecord.FLAGS) & ElementFlag.ANY_MAC)) return 0;
  removeElement(set, element);
  store<u64>(elementKey, mac, SetKey.SECOND);
  return addElement(set, set.timeout, false);
}

export function longest(set: IpSet): i32 {
  return set.family == 10 ? MAX_PREFIX6 : MAX_PREFIX4;
}

/** hash:ip,port,net has its network second; hash:net,net and hash:net,port,net have two. */
function searchNetworks(set: IpSet, packet: Packet, nets: u32, flags: u32, comparing: usize): u32 {
  const first: u32 = set.part0 == SetPart.NET ? 0 : 1;
  for (let prefix = longest(set); prefix >= 0; prefix--) {
    if (!hasPrefix(set, first, prefix)) continue;
    maskAddress(first, prefix);
    let element: u32 = 0;
    if (nets > 1) {
      element = searchSecond(set, packet, flags, comparing);
    } else if (set.part1 == SetPart.IFACE) {
      element = searchInterfaces(set, packet, flags, comparing);
      if (element == OTHERS_ONLY) return 0;
    } else {
      element = holding(set, packet, flags, comparing);
    }
    if (element) return element;
  }
  return 0;
}

/** The element with elementKey, if its counters hold. */
function holding(set: IpSet, packet: Packet, flags: u32, comparing: usize): u32 {
  const element = findElement(set);
  return element && countersHold(set, element, packet, flags, comparing) ? element : 0;
}

/** The address that searchSecond() narrows, as the packet has it. */
const second: usize = memory.data(16, 16);

function searchSecond(set: IpSet, packet: Packet, flags: u32, comparing: usize): u32 {
  memory.copy(second, elementKey + SetKey.SECOND, 16);
  let element: u32 = 0;
  for (let prefix = longest(set); prefix >= 0 && !element; prefix--) {
    if (!hasPrefix(set, 1, prefix)) continue;
    maskAddress(1, prefix);
    element = holding(set, packet, flags, comparing);
  }
  memory.copy(elementKey + SetKey.SECOND, second, 16);
  store<u8>(elementKey, 0, SetKey.SECOND_PREFIX);
  return element;
}

/** Prefixes get shorter, so that bits once cleared may stay so. */
export function maskAddress(which: u32, prefix: u32): void {
  const address = elementKey + ((<usize>which) << 4);
  store<u8>(elementKey + which, <u8>prefix, SetKey.PREFIX);
  for (let byte = prefix >>> 3; byte < 16; byte++) {
    const bits = byte == prefix >>> 3 ? prefix & 7 : 0;
    store<u8>(address + byte, <u8>(load<u8>(address + byte) & (<u8>(0xff00 >>> bits))));
  }
}

/** The network is there, but with other interfaces: as in Linux, shorter prefixes are not looked for then. */
const OTHERS_ONLY: u32 = 0xffffffff;

/** Elements of one network, by age; the answer may be OTHERS_ONLY. */
function searchInterfaces(set: IpSet, packet: Packet, flags: u32, comparing: usize): u32 {
  let others = false;
  for (let element = findLike(set, elementKey, 0); element; element = findLike(set, elementKey, element)) {
    if (isOver(element)) continue;
    others = !isInterface(element);
    if (!others && countersHold(set, element, packet, flags, comparing)) return element;
  }
  return others ? OTHERS_ONLY : 0;
}

/** Whether an element of the network in elementKey has its interface. */
export function hasInterface(set: IpSet): bool {
  for (let element = findLike(set, elementKey, 0); element; element = findLike(set, elementKey, element)) {
    if (!isOver(element) && isInterface(element)) return true;
  }
  return false;
}

/** The longest name of an interface; behind it stands SetKey.IFACE. */
const NAME: usize = 15;

/** By its name, or by how that begins. */
function isInterface(element: u32): bool {
  const theirs = <usize>element + ElementRecord.KEY + SetKey.SECOND;
  const mine = <usize>elementKey + SetKey.SECOND;
  const kind = <u32>load<u8>(element + ElementRecord.KEY, SetKey.IFACE);
  if (kind & IfaceFlag.PHYSICAL) return false;
  if (!kind) return load<u64>(theirs) == load<u64>(mine) && load<u64>(theirs, 8) == load<u64>(mine, 8);
  for (let i: usize = 0; i < NAME && load<u8>(theirs + i); i++) {
    if (load<u8>(theirs + i) != load<u8>(mine + i)) return false;
  }
  return true;
}
