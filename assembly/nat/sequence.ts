import { Flow, Packet } from "../layout";
export function adjustSequence(packet: Packet, flow: Flow): bool {
  return true;
}
