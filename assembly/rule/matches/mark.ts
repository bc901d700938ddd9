/** `-m mark`: the packet's own mark. */
import { Packet } from "../../layout";
import { MarkRecord } from "../../shared/flow-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";

export function matchMark(at: usize, packet: Packet): Outcome {
  return outcome(markHolds(at, packet.mark));
}

/** Shared with `connmark`. */
export function markHolds(at: usize, mark: u32): bool {
  const equal = (mark & load<u32>(at, MarkRecord.MASK)) == load<u32>(at, MarkRecord.VALUE);
  return equal != (load<u8>(at, MatchRecord.INVERTED) != 0);
}
