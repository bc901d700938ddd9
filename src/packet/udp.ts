import { Protocol } from "../../assembly/shared/protocol.js";
import { field, type Payload, payloadBytes, viewOf } from "./fields.js";
import { endsOf, type IpFields, transportChecksum, wrap } from "./ip.js";

export interface UdpFields extends IpFields {
  readonly sport: number;
  readonly dport: number;
  readonly payload?: Payload;
  /** Instead of the right one; 0: none. */
  readonly checksum?: number;
}

/**
 * A UDP datagram (RFC 768) in an IP packet, from the IP header on.
 * @throws ConntrackError CT_BAD_OPTION for a value that does not fit its field
 */
export function udp(fields: UdpFields): Uint8Array<ArrayBuffer> {
  const ends = endsOf(fields);
  const payload = payloadBytes(fields.payload);
  const segment = new Uint8Array(8 + payload.length);
  const view = viewOf(segment);
  view.setUint16(0, field("sport", fields.sport, 65535));
  view.setUint16(2, field("dport", fields.dport, 65535));
  view.setUint16(4, field("UDP length", segment.length, 65535));
  segment.set(payload, 8);
  // 0 says that there is none: a sum of 0 is sent as its other form.
  const checksum = fields.checksum ?? (transportChecksum(ends, Protocol.UDP, segment) || 0xffff);
  view.setUint16(6, field("checksum", checksum, 65535));
  return wrap(fields, ends, Protocol.UDP, segment);
}
