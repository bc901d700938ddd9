/** Rules tested with vitest (`npx vitest run examples`): when an expectation fails, the message says what every rule saw. */
import { Firewall } from "conntrack-wasm";
import "conntrack-wasm/vitest";
import { icmpError, tcp, udp } from "conntrack-wasm/packet";
import { beforeEach, expect, it } from "vitest";

// Usually: readFileSync("/etc/iptables/rules.v4", "utf8")
const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -i lan0 -j REJECT --reject-with icmp-admin-prohibited
COMMIT
*nat
-A POSTROUTING -o wan0 -j SNAT --to-source 198.51.100.1
COMMIT
`;

let firewall: Firewall;
let time = 0;

beforeEach(async () => {
  firewall = await Firewall.fromIptablesSave(
    { ipv4: RULES },
    {
      interfaces: { lan0: ["10.1.0.1/16"], wan0: ["198.51.100.1/24"] },
      routes: [{ to: "default", dev: "wan0" }],
    },
  );
});

const from = (device: string, packet: Uint8Array) =>
  firewall.process(packet, { time: time++, in: device, trace: true });

const client = { src: "10.1.0.2", dst: "203.0.113.10", sport: 40000, dport: 443 };
const server = { src: client.dst, dst: "198.51.100.1", sport: client.dport, dport: client.sport };
const syn = tcp({ ...client, flags: "SYN", seq: 1 });

it("lets HTTPS out, its answers in, and errors about it", () => {
  const request = from("lan0", syn);
  expect(request).toBeAccepted();
  expect(request).toBeDecidedBy({ chain: "FORWARD", number: 2 });
  expect(request).toLeaveAs({ src: "198.51.100.1", dst: client.dst });

  const answer = from("wan0", tcp({ ...server, flags: "SYN,ACK", seq: 1, ack: 2 }));
  expect(answer).toHaveCtState("ESTABLISHED");
  expect(answer).toLeaveBy("lan0");
  expect(answer).toLeaveAs({ dst: client.src });

  const sent = request.packets[0]!;
  expect(from("wan0", icmpError(sent, { src: "192.0.2.1", error: "host-unreachable" }))).toHaveCtState(
    "RELATED",
  );
});

it("tells those inside what is not allowed", () => {
  expect(from("lan0", tcp({ ...client, dport: 23, flags: "SYN" }))).toBeRejected("icmp-admin-prohibited");
});

it("lets nobody in", () => {
  expect(from("wan0", tcp({ ...server, sport: 50000, dport: 443, flags: "SYN" }))).toBeDropped();
  expect(from("wan0", udp({ ...server, sport: 53, dport: 1 }))).toBeDecidedBy("filter INPUT policy");
});
