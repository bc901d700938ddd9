/**
 * ICMP queries and their answers. A tuple keeps an ICMP packet's id where others have the source port, and type
 * and code (first and second byte) where others have the destination port.
 */
import { Family } from "../shared/protocol";

/** The type that answers `type` (or is answered by it); -1 for types outside a query and its answer. */
export function pairedType(type: u32, family: u32): i32 {
  if (family == Family.IPV6) {
    // RFC 4443: echo; RFC 4620: node information.
    if (type == 128 || type == 139) return type + 1;
    if (type == 129 || type == 140) return type - 1;
    return -1;
  }
  // RFC 792: echo, timestamp, information; RFC 950: address mask.
  if (type == 8) return 0;
  if (type == 0) return 8;
  if (type == 13 || type == 15 || type == 17) return type + 1;
  if (type == 14 || type == 16 || type == 18) return type - 1;
  return -1;
}

/** Only these may open a flow. */
export function isRequest(type: u32, family: u32): bool {
  if (family == Family.IPV6) return type == 128 || type == 139;
  return type == 8 || type == 13 || type == 15 || type == 17;
}

/** An ICMP tuple's port word with an answer's type replaced by its request's: equal for both directions. */
export function requestPorts(ports: u32, family: u32): u32 {
  const type = (ports >>> 16) & 0xff;
  const pair = pairedType(type, family);
  if (pair < 0 || isRequest(type, family)) return ports;
  return (ports & 0xff00ffff) | ((<u32>pair) << 16);
}
