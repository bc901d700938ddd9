/** `-m esp`: the security parameters index (RFC 4303). */
import { Packet } from "../../layout";
import { be32 } from "../../wire/bytes";
import { outcome, Outcome } from "../outcome";
import { rangeHolds } from "./range";

const HEADER: u32 = 8;

export function matchEsp(at: usize, packet: Packet): Outcome {
  if (packet.l4Captured < HEADER) return Outcome.DROPS;
  return outcome(rangeHolds(at, be32(packet.l4)));
}
