/** `-m rt`: the routing header of IPv6. */
import { Packet } from "../../layout";
import { RtCheck, RtRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { ExtensionHeader } from "../../shared/protocol";
import { extensionLength } from "../../wire/ipv6-extension";
import { ABSENT, CUT, findWholeHeader } from "../ipv6-header";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

/** Up to the segments left. */
const SHORTEST: u32 = 4;
/** Where the addresses of a type 0 header begin. */
const FIXED: u32 = 8;

export function matchRt(at: usize, packet: Packet): Outcome {
  const offset = findWholeHeader(packet, ExtensionHeader.ROUTING, SHORTEST);
  if (offset == ABSENT) return Outcome.FAILS;
  if (offset == CUT) return Outcome.DROPS;
  saw(offset, 0);
  const header = <usize>packet.l3 + offset;
  const length = extensionLength(ExtensionHeader.ROUTING, header);
  const checks = <u32>load<u8>(at, RtRecord.CHECKS);
  const inverted = <u32>load<u8>(at, MatchRecord.INVERTED);
  const left = <u32>load<u8>(header, 3);
  const within = left >= load<u32>(at, RtRecord.SEGMENTS_MIN) && left <= load<u32>(at, RtRecord.SEGMENTS_MAX);
  if (within == ((inverted & RtCheck.SEGMENTS) != 0)) return Outcome.FAILS;
  if (checks & RtCheck.LENGTH) {
    const equal = length == load<u16>(at, RtRecord.HEADER_LENGTH);
    if (equal == ((inverted & RtCheck.LENGTH) != 0)) return Outcome.FAILS;
  }
  if (checks & RtCheck.TYPE) {
    const equal = load<u8>(header, 2) == load<u8>(at, RtRecord.TYPE);
    if (equal == ((inverted & RtCheck.TYPE) != 0)) return Outcome.FAILS;
  }
  if (checks & RtCheck.RESERVED && load<u32>(header, 4)) return Outcome.FAILS;
  if (!(checks & RtCheck.ADDRESSES)) return Outcome.HOLDS;
  return outcome(
    addressesHold(at, header + FIXED, (length - FIXED) / 16, (checks & RtCheck.NOT_STRICT) != 0),
  );
}

function addressesHold(at: usize, address: usize, there: u32, among: bool): bool {
  const wanted = <u32>load<u8>(at, RtRecord.ADDRESS_COUNT);
  if (wanted > there || (!among && wanted != there)) return false;
  let found: u32 = 0;
  for (let i: u32 = 0; i < there && found < wanted; i++) {
    if (equals(address + i * 16, at + RtRecord.ADDRESSES + found * 16)) found++;
    else if (!among) return false;
  }
  return found == wanted;
}

function equals(a: usize, b: usize): bool {
  return !v128.any_true(v128.xor(v128.load(a), v128.load(b)));
}
