/** The flow that rules see a packet belong to. */
import { Flow, FLOW6_SIZE, Packet } from "../layout";
import { CtState } from "../shared/ct-state";
import { Status } from "../shared/status";

/**
 * Behind `-j CT` in the raw table the packet has a template, which Linux shows to rules as a flow: a confirmed one
 * without addresses, protocol or mark.
 */
const template = changetype<Flow>(memory.data(FLOW6_SIZE, 32));

/** Null for none. */
// @ts-ignore: decorator
@inline
export function flowOf(packet: Packet): Flow | null {
  if (packet.flow) return changetype<Flow>(packet.flow);
  return packet.template && packet.ctState == CtState.NEW ? templateFlow() : null;
}

function templateFlow(): Flow {
  template.status = <u16>(Status.TEMPLATE | Status.CONFIRMED);
  return template;
}
