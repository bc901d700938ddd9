/** `-m set`: whether what a packet has is in a set. */
import { Packet } from "../../layout";
import { NO_COMPARISON, SetMatchFlag, SetMatchRecord, SetSeen } from "../../shared/counting-records";
import { ElementFlag, ElementRecord, SetFlag, SetPart, SetUse } from "../../shared/ipset-record";
import { Comparison, MatchRecord } from "../../shared/match-record";
import { IpSet } from "../ipset/ip-set";
import { elementFor, memberSet, setOf } from "../ipset/use";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

export function matchSet(at: usize, packet: Packet): Outcome {
  const use = at + SetMatchRecord.USE;
  const set = setOf(use);
  const found = set != null && isIn(set, at, packet, load<u8>(use, SetUse.SOURCES));
  return outcome(found != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function isIn(set: IpSet, at: usize, packet: Packet, sources: u32): bool {
  if (set.part0 == SetPart.SET) {
    for (let member = set.firstMember; member; member = load<u32>(member, ElementRecord.NEXT_MEMBER)) {
      if (isIn(memberSet(member), at, packet, sources)) return true;
    }
    return false;
  }
  const element = elementFor(set, packet, sources);
  if (!element) return false;
  const flags = <u32>load<u8>(at, SetMatchRecord.FLAGS);
  const nomatch = (load<u8>(element, ElementRecord.FLAGS) & ElementFlag.NOMATCH) != 0;
  saw(nomatch ? SetSeen.NOMATCH : SetSeen.FOUND, 0);
  if (nomatch) return (flags & SetMatchFlag.RETURN_NOMATCH) != 0;
  if (!(set.flags & SetFlag.COUNTERS)) return true;
  if (!(flags & SetMatchFlag.KEEP_COUNTERS)) count(element, packet);
  const bytes = load<u64>(element, ElementRecord.BYTES);
  saw(SetSeen.FOUND | (bytes << SetSeen.BYTES_SHIFT), load<u64>(element, ElementRecord.PACKETS));
  return (
    holds(
      load<u8>(at, SetMatchRecord.PACKETS),
      element + ElementRecord.PACKETS,
      at + SetMatchRecord.PACKETS_VALUE,
    ) &&
    holds(load<u8>(at, SetMatchRecord.BYTES), element + ElementRecord.BYTES, at + SetMatchRecord.BYTES_VALUE)
  );
}

function count(element: u32, packet: Packet): void {
  store<u64>(element, load<u64>(element, ElementRecord.PACKETS) + 1, ElementRecord.PACKETS);
  store<u64>(element, load<u64>(element, ElementRecord.BYTES) + packet.l3Length, ElementRecord.BYTES);
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
