import { Firewall, type FirewallOptions } from "../../../src/firewall.js";
import { tcp, udp } from "../../../src/packet/index.js";

/** A router with rules in the FORWARD chain of mangle, where a mark shows which of them a packet has matched. */
export function machine(rules: readonly string[], options: FirewallOptions = {}): Promise<Firewall> {
  return Firewall.fromIptablesSave({ ipv4: mangle(rules) }, { ...NETWORK, ...options });
}

export function mangle(rules: readonly string[], chain = "FORWARD"): string {
  const lines = rules.map((rule, i) => {
    const target = /(^| )-j /.test(rule) ? "" : ` -j MARK --or-mark 0x${(1 << i).toString(16)}`;
    return `-A ${chain} ${rule}${target}`;
  });
  return ["*mangle", `:${chain} ACCEPT [0:0]`, ...lines, "COMMIT", ""].join("\n");
}

export const NETWORK = {
  interfaces: { lan: ["10.1.0.1/16"], wan: ["198.51.100.1/24"] },
  routes: [{ to: "default", dev: "wan" }],
} as const;

/** The mark that a packet from the LAN leaves with. */
export function markOf(firewall: Firewall, time: number, packet: Uint8Array = datagram()): number {
  return firewall.process(packet, { time, in: "lan" }).mark;
}

export function datagram(src = "10.1.0.2", sport = 1000): Uint8Array {
  return udp({ src, dst: "203.0.113.10", sport, dport: 53 });
}

export function syn(sport: number, src = "10.1.0.2"): Uint8Array {
  return tcp({ src, dst: "203.0.113.10", sport, dport: 80, flags: "SYN" });
}
