/** `-m connlabel`: whether a flow has a label, which the match may also give it. */
import { extend, Extension } from "../../flow-extension";
import { Flow, Packet } from "../../layout";
import { EventBit } from "../../shared/event";
import { ConnlabelRecord } from "../../shared/flow-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";

export function matchConnlabel(at: usize, packet: Packet): Outcome {
  return outcome(hasLabel(at, packet) != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function hasLabel(at: usize, packet: Packet): bool {
  if (!packet.flow) return false;
  const flow = changetype<Flow>(packet.flow);
  const sets = load<u8>(at, ConnlabelRecord.SET) != 0;
  const extension = sets ? extend(flow) : changetype<Extension | null>(<usize>flow.extension);
  if (!extension) return false;
  const label = <u32>load<u8>(at, ConnlabelRecord.LABEL);
  const word = changetype<usize>(extension) + offsetof<Extension>("labels0") + ((label >>> 6) << 3);
  const bit = (<u64>1) << (label & 63);
  if (load<u64>(word) & bit) return true;
  if (!sets) return false;
  store<u64>(word, load<u64>(word) | bit);
  packet.changes |= <u16>EventBit.LABEL;
  return true;
}
