/** `-m hbh` and `-m dst`: the hop-by-hop and the destination options header of IPv6. */
import { Packet } from "../../layout";
import { OptionHeaderRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { extensionLength } from "../../wire/ipv6-extension";
import { ABSENT, CUT, findWholeHeader } from "../ipv6-header";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

/** What comes before the options. */
const FIXED: u32 = 2;
const PAD1: u32 = 0;

export function matchOptionHeader(at: usize, packet: Packet): Outcome {
  const header = <u32>load<u8>(at, OptionHeaderRecord.HEADER);
  const offset = findWholeHeader(packet, header, FIXED);
  if (offset == ABSENT) return Outcome.FAILS;
  if (offset == CUT) return Outcome.DROPS;
  saw(offset, 0);
  const start = <usize>packet.l3 + offset;
  const length = extensionLength(header, start);
  const wanted = <u32>load<u16>(at, OptionHeaderRecord.HEADER_LENGTH);
  const inverted = load<u8>(at, MatchRecord.INVERTED) != 0;
  if (wanted && (length == wanted) == inverted) return Outcome.FAILS;
  return outcome(optionsHold(at, start + FIXED, start + length));
}

/** The header's first options have to be the rule's, in its order. */
function optionsHold(at: usize, option: usize, end: usize): bool {
  let wanted = at + OptionHeaderRecord.OPTIONS;
  const last = wanted + <usize>load<u8>(at, OptionHeaderRecord.OPTION_COUNT) * OptionHeaderRecord.OPTION_SIZE;
  for (; wanted < last; wanted += OptionHeaderRecord.OPTION_SIZE) {
    if (option >= end) return false;
    const type = <u32>load<u8>(option);
    if (type != load<u8>(wanted)) return false;
    let length: u32 = 1;
    if (type != PAD1) {
      if (option + 2 > end) return false;
      length = 2 + <u32>load<u8>(option, 1);
      if (!load<u8>(wanted, 1) && length - 2 != load<u8>(wanted, 2)) return false;
    }
    option += length;
    if (option > end && wanted + OptionHeaderRecord.OPTION_SIZE < last) return false;
  }
  return true;
}
