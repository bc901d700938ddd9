/** `-m icmp` and `-m icmp6`: type and code. */
import { Packet } from "../../layout";
import { IcmpRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";
import { ICMP_HEADER } from "../../wire/header-size";

export function matchIcmp(at: usize, packet: Packet): Outcome {
  if (packet.l4Captured < ICMP_HEADER) return Outcome.DROPS;
  const code = load<u8>(packet.l4, 1);
  const found =
    load<u8>(at, IcmpRecord.ANY_TYPE) != 0 ||
    (load<u8>(packet.l4) == load<u8>(at, IcmpRecord.TYPE) &&
      code >= load<u8>(at, IcmpRecord.CODE_MIN) &&
      code <= load<u8>(at, IcmpRecord.CODE_MAX));
  return outcome(found != (load<u8>(at, MatchRecord.INVERTED) != 0));
}
