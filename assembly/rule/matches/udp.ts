/** `-m udp` and `-m udplite`: ports. */
import { Packet } from "../../layout";
import { outcome, Outcome } from "../outcome";
import { portsHold } from "./ports";

const HEADER: u32 = 8;

export function matchUdp(at: usize, packet: Packet): Outcome {
  if (packet.l4Captured < HEADER) return Outcome.DROPS;
  return outcome(portsHold(at, packet.l4));
}
