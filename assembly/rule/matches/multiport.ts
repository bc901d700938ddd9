/** `-m multiport`: up to fifteen ports and ranges of source, destination, or either. */
import { Packet } from "../../layout";
import { MultiportRecord, PortCheck } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { be16 } from "../../wire/bytes";
import { outcome, Outcome } from "../outcome";
import { inRange } from "./ports";

export function matchMultiport(at: usize, packet: Packet): Outcome {
  if (packet.l4Captured < 4) return Outcome.DROPS;
  return outcome(isListed(at, packet.l4) != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function isListed(at: usize, l4: usize): bool {
  const ports = <u32>load<u8>(at, MultiportRecord.PORTS);
  const source = be16(l4);
  const destination = be16(l4 + 2);
  let range = at + MultiportRecord.RANGES;
  const end = range + ((<usize>load<u8>(at, MultiportRecord.COUNT)) << 2);
  for (; range < end; range += 4) {
    if (ports & PortCheck.SOURCE && inRange(source, range)) return true;
    if (ports & PortCheck.DESTINATION && inRange(destination, range)) return true;
  }
  return false;
}
