/** Whether a packet is in a set. */
import { Packet } from "../../layout";
import { SetMatchFlag, SetSeen } from "../../shared/counting-records";
import { ElementFlag, ElementRecord, SetFlag, SetPart, SetUse } from "../../shared/ipset-record";
import { saw } from "../seen";
import { countersHold } from "./counters";
import { IpSet, memberSet, nextMember } from "./ip-set";
import { elementFor, isNamed, networksOf } from "./search";

/**
 * The element that speaks for the packet, 0 for none: of a list, the member where the list has marks of its own, and
 * what is in that member's set where not. `comparing`: a SetMatchRecord, 0 for none.
 */
export function testSet(set: IpSet, use: usize, packet: Packet, flags: u32, comparing: usize): u32 {
  if (!isNamed(set, use)) return 0;
  if (set.part0 == SetPart.SET) return testMembers(set, use, packet, flags, comparing);
  const element = elementFor(set, packet, load<u8>(use, SetUse.SOURCES), flags, comparing);
  if (!element || !networksOf(set)) return element;
  const excepted = (load<u8>(element, ElementRecord.FLAGS) & ElementFlag.NOMATCH) != 0;
  if (excepted) saw(SetSeen.NOMATCH, 0);
  // With --return-nomatch exceptions match, and nothing else does.
  return excepted == ((flags & SetMatchFlag.RETURN_NOMATCH) != 0) ? element : 0;
}

/** Comparisons are about the list's own counters. */
function testMembers(set: IpSet, use: usize, packet: Packet, flags: u32, comparing: usize): u32 {
  const inner = flags & SetMatchFlag.KEEP_SUBCOUNTERS ? flags | SetMatchFlag.KEEP_COUNTERS : flags;
  for (let member = nextMember(set, 0); member; member = nextMember(set, member)) {
    const element = testSet(memberSet(member), use, packet, inner, 0);
    if (!element || !countersHold(set, member, packet, flags, comparing)) continue;
    return set.flags & SetFlag.SKBINFO ? member : element;
  }
  return 0;
}
