/** Sets as rules use them: searched for what a packet has, added to, removed from. */
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
import {
  addElement,
  elementKey,
  findElement,
  hasPrefix,
  IpSet,
  memberSet,
  nextMember,
  removeElement,
} from "./ip-set";
import { writeKey } from "./key";

/** The most specific network first: an element with nomatch ends the search as one without does. */
const MAX_PREFIX4: i32 = 32;
const MAX_PREFIX6: i32 = 128;
const NAME: u32 = 16;

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

/** The element that a packet belongs to, 0 for none; it may be one with nomatch. */
export function elementFor(set: IpSet, packet: Packet, sources: u32): u32 {
  if (!writeKey(set, packet, sources)) return 0;
  const nets =
    <u32>(set.part0 == SetPart.NET) + <u32>(set.part1 == SetPart.NET) + <u32>(set.part2 == SetPart.NET);
  if (nets) return searchNetworks(set, packet, nets);
  const element = findElement(set);
  if (element || set.part1 != SetPart.MAC || !(set.flags & SetFlag.BITMAP)) return element;
  return withoutMac(set);
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

function longest(set: IpSet): i32 {
  return set.family == 10 ? MAX_PREFIX6 : MAX_PREFIX4;
}

/** hash:ip,port,net has its network second; hash:net,net and hash:net,port,net have two. */
function searchNetworks(set: IpSet, packet: Packet, nets: u32): u32 {
  const first: u32 = set.part0 == SetPart.NET ? 0 : 1;
  for (let prefix = longest(set); prefix >= 0; prefix--) {
    if (!hasPrefix(set, first, prefix)) continue;
    maskAddress(first, prefix);
    const element = nets > 1 ? searchSecond(set, packet) : findInterface(set);
    if (element) return element;
  }
  return 0;
}

/** The address that searchSecond() narrows, as the packet has it. */
const second: usize = memory.data(16, 16);

function searchSecond(set: IpSet, packet: Packet): u32 {
  memory.copy(second, elementKey + SetKey.SECOND, 16);
  let element: u32 = 0;
  for (let prefix = longest(set); prefix >= 0 && !element; prefix--) {
    if (!hasPrefix(set, 1, prefix)) continue;
    maskAddress(1, prefix);
    element = findElement(set);
  }
  memory.copy(elementKey + SetKey.SECOND, second, 16);
  store<u8>(elementKey, 0, SetKey.SECOND_PREFIX);
  return element;
}

/** Prefixes get shorter, so that bits once cleared may stay so. */
function maskAddress(which: u32, prefix: u32): void {
  const address = elementKey + ((<usize>which) << 4);
  store<u8>(elementKey + which, <u8>prefix, SetKey.PREFIX);
  for (let byte = prefix >>> 3; byte < 16; byte++) {
    const bits = byte == prefix >>> 3 ? prefix & 7 : 0;
    store<u8>(address + byte, <u8>(load<u8>(address + byte) & (<u8>(0xff00 >>> bits))));
  }
}

/** An interface by its name, or by how that begins. */
function findInterface(set: IpSet): u32 {
  const element = findElement(set);
  if (element || !set.wildcards) return element;
  const name = elementKey + SetKey.SECOND;
  memory.copy(second, name, NAME);
  store<u8>(elementKey, IfaceFlag.PREFIX, SetKey.IFACE);
  let found: u32 = 0;
  for (let length = NAME - 1; length > 0 && !found; length--) {
    store<u8>(name + length, 0);
    if (load<u8>(name + length - 1)) found = findElement(set);
  }
  store<u8>(elementKey, 0, SetKey.IFACE);
  memory.copy(name, second, NAME);
  return found;
}

/** The first set of a list that has room takes the packet's element. */
export function addFor(set: IpSet, use: usize, packet: Packet, seconds: i32, exist: bool): bool {
  if (!isNamed(set, use)) return false;
  if (set.part0 == SetPart.SET) {
    for (let member = nextMember(set, 0); member; member = nextMember(set, member)) {
      if (addFor(memberSet(member), use, packet, seconds, exist)) return true;
    }
    return false;
  }
  if (!writeKey(set, packet, load<u8>(use, SetUse.SOURCES))) return false;
  fillPrefixes(set);
  // An interface whose name begins as one that is there says is there, too.
  if (set.wildcards && findInterface(set)) return exist;
  const element = addElement(set, seconds < 0 ? set.timeout : seconds, exist);
  if (!element) return false;
  // The packet is the first that is counted, also by an element that is renewed.
  if (set.flags & SetFlag.COUNTERS) {
    store<u64>(element, 1, ElementRecord.PACKETS);
    store<u64>(element, packet.l3Length, ElementRecord.BYTES);
  }
  return true;
}

export function removeFor(set: IpSet, use: usize, packet: Packet): bool {
  if (!isNamed(set, use)) return false;
  if (set.part0 == SetPart.SET) {
    for (let member = nextMember(set, 0); member; member = nextMember(set, member)) {
      if (removeFor(memberSet(member), use, packet)) return true;
    }
    return false;
  }
  if (!writeKey(set, packet, load<u8>(use, SetUse.SOURCES))) return false;
  fillPrefixes(set);
  const element = findElement(set);
  if (element) removeElement(set, element);
  return element != 0;
}

/** Networks are added as long as the longest that the set has, or whole addresses to an empty set. */
function fillPrefixes(set: IpSet): void {
  for (let which: u32 = 0; which < 2; which++) {
    if (!isNetwork(set, which)) continue;
    let prefix = longest(set);
    while (prefix > 0 && !hasPrefix(set, which, prefix)) prefix--;
    maskAddress(which, prefix > 0 ? prefix : longest(set));
  }
}

/** Whether address `which` of the set's elements is a network. */
function isNetwork(set: IpSet, which: u32): bool {
  if (!which) return set.part0 == SetPart.NET;
  return set.part2 == SetPart.NET || set.part1 == SetPart.NET;
}
