/** `-m length`: bytes from the IP header on. */
import { Packet } from "../../layout";
import { outcome, Outcome } from "../outcome";
import { rangeHolds } from "./range";

export function matchLength(at: usize, packet: Packet): Outcome {
  return outcome(rangeHolds(at, packet.l3Length));
}
