/** What a router says of a packet whose next hop does not answer (RFC 1812 section 5.2.7.1, RFC 4443 section 3.1). */
import { icmpError } from "../packet/icmp-error.js";
import { addressText } from "../packet/ip.js";

const ICMP = 1;
const ICMPV6 = 58;
/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
const ERRORS = [3, 4, 5, 11, 12];
const FIRST_QUERY6 = 128;

/** Undefined about errors, and about fragments other than the first. */
export function hostUnreachable(packet: Uint8Array, source: Uint8Array): Uint8Array | undefined {
  const six = (packet[0] as number) >> 4 === 6;
  const type = packet[six ? 40 : ((packet[0] as number) & 15) * 4] ?? 0;
  const about = six
    ? packet[6] === ICMPV6 && type < FIRST_QUERY6
    : (packet[9] === ICMP && ERRORS.includes(type)) ||
      (((packet[6] as number) & 0x1f) | (packet[7] as number)) !== 0;
  return about ? undefined : icmpError(packet, { src: addressText(source), error: "host-unreachable" });
}
