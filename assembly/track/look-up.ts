/** From a packet's tuple to its flow. */
import { isExpired } from "../flow";
import { findFlow, findFlowInZones, foundDirection } from "../flow-table";
import { Flow, Packet } from "../layout";
import { destroyFlow } from "../lifecycle";
import { Status } from "../shared/status";
import { hasOneWayZones, matchDirection, NO_MATCH } from "../tuple";
import { hashPacket } from "../tuple-hash";

/** A flow found but over is destroyed on the spot and does not count. */
export function findLiveFlow(packet: Packet, hash: u64): Flow | null {
  let flow = find(packet, hash);
  while (flow && isExpired(flow, packet.now)) {
    destroyFlow(flow);
    flow = find(packet, hash);
  }
  return flow;
}

// @ts-ignore: decorator
@inline
function find(packet: Packet, hash: u64): Flow | null {
  const oneWay = packet.originalZone != packet.replyZone || hasOneWayZones();
  return oneWay ? findInBothZones(packet, hash) : findFlow(hash, packet);
}

/** A zone that counts for one direction leaves the other one in zone 0. `hash` is that of the original zone. */
function findInBothZones(packet: Packet, hash: u64): Flow | null {
  const flow = findFlowInZones(hash, packet);
  if (flow || packet.originalZone == packet.replyZone) return flow;
  packet.zone = packet.replyZone;
  const replyHash = hashPacket(packet);
  packet.zone = packet.originalZone;
  return findFlowInZones(replyHash, packet);
}

/** The flow that the touch passes found, if it still is the packet's; otherwise a new search. */
// @ts-ignore: decorator
@inline
export function lookUp(packet: Packet): Flow | null {
  if (packet.candidate) {
    const flow = changetype<Flow>(packet.candidate);
    if (flow.status & Status.CONFIRMED) {
      const direction = matchDirection(flow, packet);
      if (direction != NO_MATCH && !isExpired(flow, packet.now)) {
        packet.direction = <u8>direction;
        return flow;
      }
    }
  }
  const flow = findLiveFlow(packet, packet.hash);
  if (flow) packet.direction = <u8>foundDirection();
  return flow;
}
