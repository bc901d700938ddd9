/** From a packet's tuple to its flow. */
import { isExpired } from "../flow";
import { foundDirection } from "../flow-table";
import { Flow, Packet } from "../layout";
import { destroyFlow } from "../lifecycle";
import { Status } from "../shared/status";
import { hasOneWayZones, matchDirection, NO_MATCH } from "../tuple";
import { findByTuple } from "../zone-search";

/** A flow found but over is destroyed on the spot and does not count. */
export function findLiveFlow(packet: Packet, hash: u64): Flow | null {
  let flow = findByTuple(packet, hash);
  while (flow && isExpired(flow, packet.now)) {
    destroyFlow(flow);
    flow = findByTuple(packet, hash);
  }
  return flow;
}

/** The flow that the touch passes found, if it still is the packet's; otherwise a new search. */
// @ts-ignore: decorator
@inline
export function lookUp(packet: Packet): Flow | null {
  // Where zones count for one direction only, there may be a newer one.
  if (packet.candidate && !hasOneWayZones()) {
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
