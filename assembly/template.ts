/** What `-j CT` in the raw table says of packets that open flows: a record in the rule program. */
import { Packet } from "./layout";
import { CtZone } from "./shared/target-record";

/** A target's record, as its rule holds it. */
@unmanaged
export class Template {
  /** Number of the helper for new flows, 0 = none. */
  helper: u16;
  /** Number of their timeout policy, 0 = none. */
  timeoutPolicy: u16;
  /** EventBit set that they tell of, if `eventsChosen`. */
  eventMask: u16;
  /** Whether they tell of the expectations that their helpers make: bit 0. */
  expectationEvents: u8;
  eventsChosen: u8;
  zone: u16;
  /** CtZone set. */
  zoneOf: u8;
  unused: u8;
}

/** Sets the zones that the packet's template names. */
export function chooseZones(packet: Packet): void {
  const template = changetype<Template>(packet.template);
  const zone = template.zoneOf & CtZone.MARK ? <u16>packet.mark : template.zone;
  if (template.zoneOf & CtZone.ORIGINAL) packet.originalZone = zone;
  if (template.zoneOf & CtZone.REPLY) packet.replyZone = zone;
}
