/** A connection opened packet by packet, and the table after each. */
import { Conntrack } from "conntrack-wasm";
import { tcp } from "conntrack-wasm/packet";

const client = { src: "10.1.0.2", dst: "203.0.113.10", sport: 40000, dport: 443 };
const server = { src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };

const packets = [
  tcp({ ...client, flags: "SYN", seq: 1000, options: { mss: 1460 } }),
  tcp({ ...server, flags: "SYN,ACK", seq: 5000, ack: 1001, options: { mss: 1460 } }),
  tcp({ ...client, flags: "ACK", seq: 1001, ack: 5001 }),
];

const conntrack = await Conntrack.create();
for (const [i, packet] of packets.entries()) {
  const result = conntrack.track(packet, { time: i * 10 });
  console.log(`${result.ctState} ${result.direction}`);
  console.log(`  ${result.flow?.line()}`);
}
