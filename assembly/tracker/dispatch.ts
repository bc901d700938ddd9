/** From protocol number to tracker. A protocol is added here, with a file of its own beside this one. */
import { refresh } from "../flow";
import { Flow, Packet } from "../layout";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { Sysctl } from "../shared/sysctl";
import { timeoutOf } from "../timeout";
import { checkSctp } from "../wire/sctp";
import { checkTcp } from "../wire/tcp";
import { checkUdp, checkUdpLite } from "../wire/udp";
import { isRequest } from "../wire/icmp-pair";
import { GreFlow, trackGre } from "./gre";
import { Outcome } from "./outcome";
import { openSctp, SctpFlow, trackSctp } from "./sctp";
import { openTcp, trackTcp } from "./tcp";
import { TcpFlow } from "./tcp-flow";
import { trackUdp, UdpFlow } from "./udp";

/** Length, checksum and flags, whatever flow the packet belongs to. */
// @ts-ignore: decorator
@inline
export function checkHeader(packet: Packet, verify: bool): Reason {
  if (packet.protocol == Protocol.TCP) return checkTcp(packet, verify);
  return checkOther(packet, verify);
}

function checkOther(packet: Packet, verify: bool): Reason {
  if (packet.protocol == Protocol.UDP) return checkUdp(packet, verify);
  if (packet.protocol == Protocol.UDPLITE) return checkUdpLite(packet, verify);
  if (packet.protocol == Protocol.SCTP) return checkSctp(packet, verify);
  return Reason.NONE;
}

/** Whether the packet may begin a flow; if not, packet.reason says why. */
// @ts-ignore: decorator
@inline
export function openFlow(flow: Flow, packet: Packet): bool {
  if (packet.protocol == Protocol.TCP) return openTcp(changetype<TcpFlow>(flow), packet);
  return openOther(flow, packet);
}

function openOther(flow: Flow, packet: Packet): bool {
  if (packet.protocol == Protocol.SCTP) return openSctp(changetype<SctpFlow>(flow), packet);
  if (packet.protocol != Protocol.ICMP && packet.protocol != Protocol.ICMPV6) return true;
  const type = (packet.ports >>> 16) & 0xff;
  if (isRequest(type, packet.family)) return true;
  packet.reason = <u8>Reason.ICMP_NO_PAIR;
  packet.a = type;
  packet.b = packet.ports >>> 24;
  return false;
}

/** Runs the flow's state machine on the packet. */
// @ts-ignore: decorator
@inline
export function trackFlow(flow: Flow, packet: Packet, direction: u32): Outcome {
  if (packet.protocol == Protocol.TCP) return trackTcp(changetype<TcpFlow>(flow), packet, direction);
  return trackOther(flow, packet, direction);
}

function trackOther(flow: Flow, packet: Packet, direction: u32): Outcome {
  switch (<i32>packet.protocol) {
    case Protocol.UDP:
    case Protocol.UDPLITE:
      trackUdp(changetype<UdpFlow>(flow), packet, direction);
      break;
    case Protocol.SCTP:
      return trackSctp(changetype<SctpFlow>(flow), packet, direction);
    case Protocol.GRE:
      trackGre(changetype<GreFlow>(flow), packet, direction);
      break;
    case Protocol.ICMP:
      refresh(flow, packet, direction, timeoutOf(flow, Sysctl.ICMP_TIMEOUT));
      break;
    case Protocol.ICMPV6:
      refresh(flow, packet, direction, timeoutOf(flow, Sysctl.ICMPV6_TIMEOUT));
      break;
    default:
      refresh(flow, packet, direction, timeoutOf(flow, Sysctl.GENERIC_TIMEOUT));
      break;
  }
  return Outcome.ACCEPT;
}
