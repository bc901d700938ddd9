/** `-m tcpmss`: the maximum segment size that a SYN announces. */
import { Packet } from "../../layout";
import { MatchRecord } from "../../shared/match-record";
import { be16 } from "../../wire/bytes";
import { outcome, Outcome } from "../outcome";
import { rangeHolds } from "./range";

const HEADER: u32 = 20;
const MSS: u32 = 2;
const MSS_LENGTH: u32 = 4;

/** Without the option it fails, inverted it holds. Options are walked as Linux does: a length of 0 counts as 1. */
export function matchTcpmss(at: usize, packet: Packet): Outcome {
  if (packet.l4Captured < HEADER) return Outcome.DROPS;
  const l4 = <usize>packet.l4;
  const header = ((<u32>load<u8>(l4, 12)) >>> 4) << 2;
  if (header < HEADER || header > packet.l4Captured) return Outcome.DROPS;
  const end = l4 + header;
  let option = l4 + HEADER;
  while (option < end) {
    const kind = <u32>load<u8>(option);
    if (kind == MSS && option + MSS_LENGTH <= end && load<u8>(option, 1) == MSS_LENGTH) {
      return outcome(rangeHolds(at, be16(option + 2)));
    }
    option += kind < 2 || option + 1 == end ? 1 : <usize>max<u32>(load<u8>(option, 1), 1);
  }
  return outcome(load<u8>(at, MatchRecord.INVERTED) != 0);
}
