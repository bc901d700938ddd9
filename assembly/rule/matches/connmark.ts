/** `-m connmark`: the mark of the packet's flow. Without a flow it fails, inverted or not. */
import { Flow, Packet } from "../../layout";
import { outcome, Outcome } from "../outcome";
import { markHolds } from "./mark";

export function matchConnmark(at: usize, packet: Packet): Outcome {
  return packet.flow ? outcome(markHolds(at, changetype<Flow>(packet.flow).mark)) : Outcome.FAILS;
}
