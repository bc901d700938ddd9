/** `-m udp` and `-m udplite`: ports. */
import { Packet } from "../../layout";
import { outcome, Outcome } from "../outcome";
import { portsHold } from "./ports";
import { UDP_HEADER } from "../../wire/header-size";

export function matchUdp(at: usize, packet: Packet): Outcome {
  if (packet.l4Captured < UDP_HEADER) return Outcome.DROPS;
  return outcome(portsHold(at, packet.l4));
}
