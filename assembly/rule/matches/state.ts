/** `-m state --state`, and `-m conntrack --ctstate` alone. */
import { Packet } from "../../layout";
import { StateRecord } from "../../shared/flow-records";
import { outcome, Outcome } from "../outcome";

// @ts-ignore: decorator
@inline
export function matchState(at: usize, packet: Packet): Outcome {
  return outcome(((load<u16>(at, StateRecord.STATES) >>> packet.ctState) & 1) != 0);
}
