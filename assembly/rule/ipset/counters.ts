/** What elements count, and what counters decide. */
import { Packet } from "../../layout";
import { NO_COMPARISON, SetMatchFlag, SetMatchRecord, SetSeen } from "../../shared/counting-records";
import { ElementRecord, SetFlag } from "../../shared/ipset-record";
import { Comparison } from "../../shared/match-record";
import { saw } from "../seen";
import { IpSet } from "./ip-set";

/** Counts the packet; then, whether the counters are as a SetMatchRecord, if there is one, wants them. */
export function countersHold(set: IpSet, element: u32, packet: Packet, flags: u32, comparing: usize): bool {
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
