/** `-m connmark`: the mark of the packet's flow. Without a flow it fails, inverted or not. */
import { Packet } from "../../layout";
import { flowOf } from "../flow-view";
import { outcome, Outcome } from "../outcome";
import { markHolds } from "./mark";

export function matchConnmark(at: usize, packet: Packet): Outcome {
  const flow = flowOf(packet);
  return flow ? outcome(markHolds(at, flow.mark)) : Outcome.FAILS;
}
