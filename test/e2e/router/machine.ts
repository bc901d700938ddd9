/** The router of the tests: rules, networks, and what its devices carry. Runs in Node and in a page. */
import { Firewall, type FirewallStream, type PortOptions } from "../../../src/index.js";

export const LAN = "10.1.0.2";
export const WAN = "198.51.100.10";

const RULES = `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i wan0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination ${LAN}:80
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lan0 -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -p tcp -j REJECT --reject-with tcp-reset
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -o wan0 -j ACCEPT
-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT
COMMIT
`;

const RULES6 = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -o wan0 -j ACCEPT
COMMIT
`;

/** One device has packets, the other one frames. */
export const DEVICES: Readonly<Record<"lan0" | "wan0", PortOptions>> = {
  lan0: {},
  wan0: { mac: "02:00:00:00:00:01" },
};

export async function startMachine(): Promise<{ firewall: Firewall; stream: FirewallStream }> {
  const firewall = await Firewall.fromIptablesSave(
    { ipv4: RULES, ipv6: RULES6 },
    {
      interfaces: {
        lan0: ["10.1.0.1/16", "2001:db8:1::1/64"],
        wan0: ["198.51.100.1/24", "2001:db8:2::1/64"],
      },
      // Less than the machines' own: they have to learn it.
      mtu: { wan0: 1400 },
      icmpErrors: true,
    },
  );
  firewall.conntrack.addHelper({ name: "ftp" });
  return { firewall, stream: firewall.stream() };
}
