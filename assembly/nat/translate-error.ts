import { Flow, Packet } from "../layout";
import { Manip } from "../shared/nat";
export function translateError(packet: Packet, flow: Flow, manip: Manip): bool {
  return true;
}
