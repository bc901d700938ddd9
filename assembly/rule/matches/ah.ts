/** `-m ah`: the security parameters index of an authentication header (RFC 4302). */
import { Packet } from "../../layout";
import { AhRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { Family, Protocol } from "../../shared/protocol";
import { be16, be32 } from "../../wire/bytes";
import { extensionLength } from "../../wire/ipv6-extension";
import { ABSENT, CUT, findWholeHeader } from "../ipv6-header";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";
import { capturedBytes } from "../packet-bytes";
import { isWithin } from "./range";

const HEADER: u32 = 12;

/** With IPv6 it is an extension header among others. */
export function matchAh(at: usize, packet: Packet): Outcome {
  let offset = packet.l4 - packet.l3;
  if (packet.family == Family.IPV6) {
    offset = findWholeHeader(packet, Protocol.AH, HEADER);
    if (offset == ABSENT) return Outcome.FAILS;
  }
  if (offset == CUT || offset + HEADER > capturedBytes(packet)) return Outcome.DROPS;
  saw(offset, 0);
  const header = <usize>packet.l3 + offset;
  const inverted = <u32>load<u8>(at, MatchRecord.INVERTED);
  if (isWithin(at, be32(header + 4)) == ((inverted & 1) != 0)) return Outcome.FAILS;
  const wanted = <u32>load<u16>(at, AhRecord.HEADER_LENGTH);
  const length = extensionLength(Protocol.AH, header);
  if (wanted && (length == wanted) == ((inverted & 2) != 0)) return Outcome.FAILS;
  return outcome(!load<u8>(at, AhRecord.RESERVED) || !be16(header + 2));
}
