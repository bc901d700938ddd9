export { type Dissection, dissect, ipHeaderAt } from "./dissect.js";
export { type EthernetFields, ethernet } from "./ethernet.js";
export type { Payload } from "./fields.js";
export { type FragmentOptions, fragments } from "./fragments.js";
export {
  type Icmp6Fields,
  type Icmp6TypeName,
  type IcmpFields,
  type IcmpTypeName,
  icmp,
  icmp6,
} from "./icmp.js";
export { type IcmpErrorFields, type IcmpErrorName, icmpError } from "./icmp-error.js";
export { type IpFields, type IpPacketFields, ip } from "./ip.js";
export { type SctpChunk, type SctpChunkName, type SctpFields, sctp } from "./sctp.js";
export { type TcpFields, type TcpFlagName, type TcpOptions, tcp } from "./tcp.js";
export { type UdpFields, udp } from "./udp.js";
