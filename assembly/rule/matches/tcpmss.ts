/** `-m tcpmss`: the maximum segment size that a SYN announces. */
import { Packet } from "../../layout";
import { MatchRecord } from "../../shared/match-record";
import { be16 } from "../../wire/bytes";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";
import { MSS, MSS_LENGTH, tcpHeaderLength } from "../tcp-header";
import { rangeHolds } from "./range";
import { TCP_HEADER } from "../../wire/header-size";

/** Without the option it fails, inverted it holds. Options are walked as Linux does: a length of 0 counts as 1. */
export function matchTcpmss(at: usize, packet: Packet): Outcome {
  const header = tcpHeaderLength(packet);
  if (!header) return Outcome.DROPS;
  const end = <usize>packet.l4 + header;
  let option = <usize>packet.l4 + TCP_HEADER;
  while (option < end) {
    const kind = <u32>load<u8>(option);
    if (kind == MSS && option + MSS_LENGTH <= end && load<u8>(option, 1) == MSS_LENGTH) {
      saw(1, be16(option + 2));
      return outcome(rangeHolds(at, be16(option + 2)));
    }
    option += kind < 2 || option + 1 == end ? 1 : <usize>max<u32>(load<u8>(option, 1), 1);
  }
  return outcome(load<u8>(at, MatchRecord.INVERTED) != 0);
}
