/** `-m ttl` and `-m hl`. */
import { Packet } from "../../layout";
import { HopLimitRecord } from "../../shared/header-records";
import { Comparison } from "../../shared/match-record";
import { Family } from "../../shared/protocol";
import { outcome, Outcome } from "../outcome";

export function matchHopLimit(at: usize, packet: Packet): Outcome {
  const limit = hopLimit(packet);
  const value = <u32>load<u8>(at, HopLimitRecord.VALUE);
  switch (<u32>load<u8>(at, HopLimitRecord.COMPARISON)) {
    case Comparison.EQ:
      return outcome(limit == value);
    case Comparison.NE:
      return outcome(limit != value);
    case Comparison.LT:
      return outcome(limit < value);
    default:
      return outcome(limit > value);
  }
}

// @ts-ignore: decorator
@inline
export function hopLimit(packet: Packet): u32 {
  return packet.family == Family.IPV4 ? load<u8>(packet.l3, 8) : load<u8>(packet.l3, 7);
}
