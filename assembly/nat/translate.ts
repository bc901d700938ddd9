import { Flow, Packet } from "../layout";
import { Manip } from "../shared/nat";
export function translate(packet: Packet, flow: Flow, manip: Manip): bool {
  return true;
}
export function translateError(packet: Packet, flow: Flow, manip: Manip): bool {
  return true;
}
