/** Answers to pings of the machine's own addresses, as every host gives them (RFC 1122, RFC 4443). */
import { icmp, icmp6 } from "../packet/icmp.js";
import { addressText } from "../packet/ip.js";
import { addressesOf } from "./addresses.js";

const ICMP = 1;
const ICMPV6 = 58;
const ECHO_REQUEST = 8;
const ECHO_REQUEST6 = 128;
const ECHO_HEADER = 8;

/** The answer to a delivered packet, undefined when it is no ping. Checksums have been verified by tracking. */
export function echoReply(packet: Uint8Array): Uint8Array | undefined {
  const six = (packet[0] as number) >> 4 === 6;
  const header = six ? 40 : ((packet[0] as number) & 15) * 4;
  const isRequest = six
    ? packet[6] === ICMPV6 && packet[header] === ECHO_REQUEST6
    : packet[9] === ICMP && packet[header] === ECHO_REQUEST;
  if (!isRequest || packet.length < header + ECHO_HEADER) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset + header);
  const { source, destination } = addressesOf(packet);
  const fields = {
    src: addressText(destination),
    dst: addressText(source),
    dontFragment: false,
    icmpId: view.getUint16(4),
    sequence: view.getUint16(6),
    payload: packet.subarray(header + ECHO_HEADER),
  };
  return six
    ? icmp6({ ...fields, type: "echo-reply" })
    : icmp({ ...fields, tos: packet[1] as number, type: "echo-reply" });
}
