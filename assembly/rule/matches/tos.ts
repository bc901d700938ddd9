/** `-m tos` and `-m dscp`: the byte that was type of service (RFC 791) and is DSCP and ECN (RFC 2474, RFC 3168). */
import { Packet } from "../../layout";
import { TosRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { Family } from "../../shared/protocol";
import { be16 } from "../../wire/bytes";
import { outcome, Outcome } from "../outcome";

export function matchTos(at: usize, packet: Packet): Outcome {
  const equal = (tosOf(packet) & load<u8>(at, TosRecord.MASK)) == load<u8>(at, TosRecord.VALUE);
  return outcome(equal != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

/** The traffic class of IPv6 lies across two bytes. */
export function tosOf(packet: Packet): u32 {
  if (packet.family == Family.IPV4) return load<u8>(packet.l3, 1);
  return (be16(packet.l3) >>> 4) & 0xff;
}
