/** Finding a flow for a packet whose directions may lie in different zones. */
import { findFlow, findFlowInZones } from "./flow-table";
import { Flow, Packet } from "./layout";
import { hasOneWayZones } from "./tuple";
import { hashPacket } from "./tuple-hash";

/** The flow that has the packet's tuple. `hash` is that of its original zone. See foundDirection(). */
// @ts-ignore: decorator
@inline
export function findByTuple(packet: Packet, hash: u64): Flow | null {
  const oneWay = packet.originalZone != packet.replyZone || hasOneWayZones();
  return oneWay ? findInBothZones(packet, hash) : findFlow(hash, packet);
}

/** A zone that counts for one direction leaves the other one in zone 0. */
function findInBothZones(packet: Packet, hash: u64): Flow | null {
  const flow = findFlowInZones(hash, packet);
  if (flow || packet.originalZone == packet.replyZone) return flow;
  packet.zone = packet.replyZone;
  const answered = findFlowInZones(hashPacket(packet), packet);
  packet.zone = packet.originalZone;
  return answered;
}
