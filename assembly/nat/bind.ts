import { Flow, Packet } from "../layout";
import { Manip } from "../shared/nat";
import { NatRange } from "./range";
export function bind(flow: Flow, packet: Packet, range: NatRange | null, manip: Manip): bool {
  return true;
}
