/** What the path of a packet writes into its row. */
import { Flow, Packet } from "../layout";
import { CtState, Verdict } from "../shared/ct-state";
import { Reason } from "../shared/reason";
import { Stat } from "../shared/stat";
import { count } from "../stats";

export function invalid(packet: Packet, reason: Reason, statistic: Stat): void {
  packet.ctState = <u8>CtState.INVALID;
  packet.reason = <u8>reason;
  count(statistic);
}

export function drop(packet: Packet, reason: Reason): void {
  packet.ctState = <u8>CtState.INVALID;
  packet.verdict = <u8>Verdict.DROP;
  packet.reason = <u8>reason;
  count(Stat.DROP);
}

// @ts-ignore: decorator
@inline
export function settle(packet: Packet, flow: Flow): void {
  packet.flow = <u32>changetype<usize>(flow);
  packet.generation = flow.generation;
}
