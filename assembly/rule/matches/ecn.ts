/** `-m ecn`: explicit congestion notification, of IP and of TCP (RFC 3168). */
import { Packet } from "../../layout";
import { EcnRecord } from "../../shared/header-records";
import { outcome, Outcome } from "../outcome";
import { tosOf } from "./tos";
import { TCP_HEADER } from "../../wire/header-size";

export function matchEcn(at: usize, packet: Packet): Outcome {
  const equal = (tosOf(packet) & load<u8>(at, EcnRecord.IP_MASK)) == load<u8>(at, EcnRecord.IP_VALUE);
  if (equal == (load<u8>(at, EcnRecord.IP_INVERTED) != 0)) return Outcome.FAILS;
  const set = <u32>load<u8>(at, EcnRecord.SET);
  const clear = <u32>load<u8>(at, EcnRecord.CLEAR);
  if (!(set | clear)) return Outcome.HOLDS;
  if (packet.l4Captured < TCP_HEADER) return Outcome.FAILS;
  const flags = <u32>load<u8>(packet.l4, 13);
  return outcome((flags & set) == set && (flags & clear) == 0);
}
