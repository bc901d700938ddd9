/** `-m limit`: a bucket of credits, which fills with time and of which every packet that matches takes its cost. */
import { Packet } from "../../layout";
import { CREDITS_PER_TICK } from "../../shared/ticks";
import { LimitRecord } from "../../shared/counting-records";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

export function matchLimit(at: usize, packet: Packet): Outcome {
  const gained = (packet.now - load<u32>(at, LimitRecord.PREVIOUS)) * CREDITS_PER_TICK;
  const cap = load<u32>(at, LimitRecord.CAP);
  const cost = load<u32>(at, LimitRecord.COST);
  let credit = load<u32>(at, LimitRecord.CREDIT);
  // A full bucket stays full, whenever its last packet was.
  if (credit < cap) credit = min(credit + gained, cap);
  const enough = credit >= cost;
  saw(credit, cost);
  if (enough) credit -= cost;
  store<u32>(at, credit, LimitRecord.CREDIT);
  store<u32>(at, packet.now, LimitRecord.PREVIOUS);
  return outcome(enough);
}
