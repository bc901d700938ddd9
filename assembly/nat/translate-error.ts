/**
 * ICMP errors about translated flows: each hook rewrites the packet that is quoted and the error around it, so that
 * who receives the error finds in it what it has sent.
 */
import { Flow, Packet, PacketFlag } from "../layout";
import { Manip } from "../shared/nat";
import { Family, Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Status } from "../shared/status";
import { fold, sumBytes, transportChecksumHolds } from "../wire/checksum";
import { updateChecksum } from "../wire/checksum-update";
import { ICMP_HEADER } from "../wire/header-size";
import { ICMPV6_REDIRECT, icmpType } from "../wire/icmp";
import { quotedIpv4 } from "../wire/ipv4";
import { quotedIpv6 } from "../wire/ipv6";
import { isPortProtocol } from "./port-select";
import { isTranslated, rewriteEnd } from "./translate";

const CHECKSUM: usize = 2;
const REDIRECT: u32 = 5;
/** As much of the quoted transport header as RFC 792 promises. */
const NEEDED: u32 = 8;
const DECIDED: u32 = Status.SRC_NAT_DONE | Status.DST_NAT_DONE;

/** The row of the quoted packet. */
const quoted = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** False when the error is to be dropped: its checksum is wrong, or it is a redirect that means others' addresses. */
export function translateError(packet: Packet, flow: Flow, manip: Manip): bool {
  const six = packet.family == Family.IPV6;
  if (!packet.cut && !checksumHolds(packet, six)) return refuse(packet);
  const status = <u32>flow.status;
  if (icmpType(packet) == (six ? ICMPV6_REDIRECT : REDIRECT)) {
    if ((status & DECIDED) != DECIDED || status & (Status.SRC_NAT | Status.DST_NAT)) return refuse(packet);
  }
  const direction = <u32>packet.direction;
  if (!isTranslated(flow, direction, manip)) return true;
  const at = packet.l4 + ICMP_HEADER;
  const length = packet.l4Captured - ICMP_HEADER;
  quoted.family = packet.family;
  quoted.l3 = at;
  quoted.cut = 0;
  if (!(six ? quotedIpv6(quoted, at, length) : quotedIpv4(quoted, at, length))) return refuse(packet);
  if (quoted.l4Captured < NEEDED && !packet.cut && hasKey(quoted.protocol)) return refuse(packet);
  const before = sumBytes(at, length, 0);
  const opposite: Manip = manip == Manip.SOURCE ? Manip.DESTINATION : Manip.SOURCE;
  rewriteEnd(quoted, flow, direction, manip, opposite);
  const after = sumBytes(at, length, 0);
  updateChecksum(<usize>packet.l4 + CHECKSUM, <u64>(fold(before) ^ 0xffff) + after);
  rewriteEnd(packet, flow, direction, manip, manip);
  packet.flags |= <u8>PacketFlag.CHANGED;
  return true;
}

/** Whether a transport header has something that is translated. */
function hasKey(protocol: u32): bool {
  return (
    isPortProtocol(protocol) ||
    protocol == Protocol.ICMP ||
    protocol == Protocol.ICMPV6 ||
    protocol == Protocol.GRE
  );
}

function refuse(packet: Packet): bool {
  packet.reason = <u8>Reason.NAT_ICMP_ERROR;
  packet.a = icmpType(packet);
  packet.b = <u32>load<u8>(packet.l4, 1);
  return false;
}

function checksumHolds(packet: Packet, six: bool): bool {
  if (six) return transportChecksumHolds(packet, Protocol.ICMPV6, packet.l4Length);
  return fold(sumBytes(packet.l4, packet.l4Length, 0)) == 0xffff;
}
