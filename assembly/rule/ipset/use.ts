/** Sets as rules change them: what a packet has is added to one, or removed. */
import { Packet } from "../../layout";
import { ElementRecord, SetFlag, SetPart, SetUse } from "../../shared/ipset-record";
import { addElement, findElement, hasPrefix, IpSet, memberSet, nextMember, removeElement } from "./ip-set";
import { writeKey } from "./key";
import { hasInterface, isNamed, longest, maskAddress } from "./search";

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
  if (set.part1 == SetPart.IFACE && !findElement(set) && hasInterface(set)) return exist;
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
