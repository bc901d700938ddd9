/** `-m connlabel`: whether a flow has a label, which the match may also give it. */
import { hasLabel, setLabel } from "../../flow-labels";
import { Flow, Packet } from "../../layout";
import { EventBit } from "../../shared/event";
import { ConnlabelRecord } from "../../shared/flow-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";

export function matchConnlabel(at: usize, packet: Packet): Outcome {
  const held = packet.flow != 0 && holds(at, packet, changetype<Flow>(packet.flow));
  return outcome(held != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function holds(at: usize, packet: Packet, flow: Flow): bool {
  const label = <u32>load<u8>(at, ConnlabelRecord.LABEL);
  if (load<u8>(at, ConnlabelRecord.SET) && setLabel(flow, label)) packet.changes |= <u16>EventBit.LABEL;
  return hasLabel(flow, label);
}
