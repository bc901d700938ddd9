/** Rules tested before they are installed: what has to pass passes, what must not does not, and by which rule. */
import { Firewall } from "conntrack-wasm";
import { icmpError, tcp, udp } from "conntrack-wasm/packet";

// Usually: readFileSync("/etc/iptables/rules.v4", "utf8")
const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -i lan0 -p udp -m udp --dport 53 -j ACCEPT
-A FORWARD -i lan0 -j REJECT --reject-with icmp-admin-prohibited
COMMIT
`;

const firewall = await Firewall.fromIptablesSave(
  { ipv4: RULES },
  {
    interfaces: { lan0: ["10.1.0.1/16"], wan0: ["198.51.100.1/24"] },
    routes: [{ to: "default", dev: "wan0" }],
  },
);

let time = 0;
function expect(what: string, packet: Uint8Array, device: string, verdict: string): void {
  const result = firewall.process(packet, { time: time++, in: device });
  const by = result.rule
    ? `${result.rule.chain} ${result.rule.number || "policy"}`
    : (result.reason ?? "no rule");
  console.log(
    `${result.verdict === verdict ? "ok" : "NOT OK"}: ${what}: ${result.verdict} (${result.ctState}, ${by})`,
  );
  if (result.verdict !== verdict) process.exitCode = 1;
}

const client = { src: "10.1.0.2", dst: "203.0.113.10", sport: 40000, dport: 443 };
const server = { src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };
const syn = tcp({ ...client, flags: "SYN", seq: 1 });

expect("HTTPS from inside", syn, "lan0", "ACCEPT");
expect("its answer", tcp({ ...server, flags: "SYN,ACK", seq: 1, ack: 2 }), "wan0", "ACCEPT");
expect(
  "an error about it",
  icmpError(syn, { src: "192.0.2.1", error: "host-unreachable" }),
  "wan0",
  "ACCEPT",
);
expect("HTTPS from outside", tcp({ ...server, sport: 50000, dport: 443, flags: "SYN" }), "wan0", "DROP");
expect("telnet from inside", tcp({ ...client, dport: 23, flags: "SYN" }), "lan0", "REJECT");
expect("DNS from inside", udp({ ...client, dport: 53 }), "lan0", "ACCEPT");
expect("an answer nobody asked for", udp({ ...server, sport: 53, dport: 1 }), "wan0", "DROP");
