/** Whether a packet is in a set: it is counted there, and what counters say may decide. */
import { Packet } from "../../layout";
import { NO_COMPARISON, SetMatchFlag, SetMatchRecord, SetSeen } from "../../shared/counting-records";
import { ElementFlag, ElementRecord, SetFlag, SetPart, SetUse } from "../../shared/ipset-record";
import { Comparison } from "../../shared/match-record";
import { saw } from "../seen";
import { IpSet, memberSet, nextMember } from "./ip-set";
import { elementFor, isNamed } from "./use";

/**
 * The element that speaks for the packet, 0 for none: of a list, the member where the list has marks of its own, and
 * what is in that member's set where not. `comparing`: a SetMatchRecord, 0 for none.
 */
export function testSet(set: IpSet, use: usize, packet: Packet, flags: u32, comparing: usize): u32 {
  if (!isNamed(set, use)) return 0;
  if (set.part0 == SetPart.SET) return testMembers(set, use, packet, flags, comparing);
  const element = elementFor(set, packet, load<u8>(use, SetUse.SOURCES));
  if (!element) return 0;
  if (load<u8>(element, ElementRecord.FLAGS) & ElementFlag.NOMATCH) {
    saw(SetSeen.NOMATCH, 0);
    return flags & SetMatchFlag.RETURN_NOMATCH ? element : 0;
  }
  return countersHold(set, element, packet, flags, comparing) ? element : 0;
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

function countersHold(set: IpSet, element: u32, packet: Packet, flags: u32, comparing: usize): bool {
  saw(SetSeen.FOUND, 0);
  if (!(set.flags & SetFlag.COUNTERS)) return true;
  if (!(flags & SetMatchFlag.KEEP_COUNTERS)) count(element, packet);
  const bytes = load<u64>(element, ElementRecord.BYTES);
  saw(SetSeen.FOUND | (bytes << SetSeen.BYTES_SHIFT), load<u64>(element, ElementRecord.PACKETS));
  return !comparing || comparisonsHold(element, comparing);
}

function count(element: u32, packet: Packet): void {
  store<u64>(element, load<u64>(element, ElementRecord.PACKETS) + 1, ElementRecord.PACKETS);
  store<u64>(element, load<u64>(element, ElementRecord.BYTES) + packet.l3Length, ElementRecord.BYTES);
}

function comparisonsHold(element: u32, at: usize): bool {
  const packets = element + ElementRecord.PACKETS;
  if (!holds(load<u8>(at, SetMatchRecord.PACKETS), packets, at + SetMatchRecord.PACKETS_VALUE)) return false;
  const bytes = element + ElementRecord.BYTES;
  return holds(load<u8>(at, SetMatchRecord.BYTES), bytes, at + SetMatchRecord.BYTES_VALUE);
}

function holds(comparison: u32, counter: usize, value: usize): bool {
  switch (comparison) {
    case NO_COMPARISON:
      return true;
    case Comparison.EQ:
      return load<u64>(counter) == load<u64>(value);
    case Comparison.NE:
      return load<u64>(counter) != load<u64>(value);
    case Comparison.LT:
      return load<u64>(counter) < load<u64>(value);
    default:
      return load<u64>(counter) > load<u64>(value);
  }
}
