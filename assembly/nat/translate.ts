import { Flow, Packet } from "../layout";
import { Manip } from "../shared/manip";
export function translate(packet: Packet, flow: Flow, manip: Manip): bool { return true; }
export function translateError(packet: Packet, flow: Flow, manip: Manip): bool { return true; }
