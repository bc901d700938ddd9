import { Protocol } from "../assembly/shared/protocol.js";

/** The names that /proc/net/nf_conntrack has; every other protocol is "unknown" to it. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [Protocol.ICMP, "icmp"],
  [Protocol.TCP, "tcp"],
  [Protocol.UDP, "udp"],
  [Protocol.GRE, "gre"],
  [Protocol.ICMPV6, "icmpv6"],
  [Protocol.SCTP, "sctp"],
  [Protocol.UDPLITE, "udplite"],
]);

const NUMBERS: ReadonlyMap<string, number> = new Map([...NAMES].map(([number, name]) => [name, number]));

export function nameOfProtocol(number: number): string {
  return NAMES.get(number) ?? "unknown";
}

/** Undefined for a name that /proc does not have. */
export function numberOfProtocol(name: string): number | undefined {
  return NUMBERS.get(name);
}
