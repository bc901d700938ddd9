/** Why packets are INVALID: the reason as a stable code, and in words with the numbers of this packet. */
import { Conntrack } from "conntrack-wasm";
import { tcp } from "conntrack-wasm/packet";

const client = { src: "10.1.0.2", dst: "203.0.113.10", sport: 40000, dport: 443 };
const server = { src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };

const conntrack = await Conntrack.create();
const show = (what: string, packet: Uint8Array) => {
  const result = conntrack.track(packet, { time: 0 });
  console.log(`${what}: ${result.ctState} ${result.reason ?? ""}\n  ${result.explain()}`);
};

show("an answer that nobody asked for", tcp({ ...server, flags: "SYN,ACK" }));
conntrack.track(tcp({ ...client, flags: "SYN", seq: 1000 }), { time: 0 });
conntrack.track(tcp({ ...server, flags: "SYN,ACK", seq: 5000, ack: 1001, window: 8192 }), { time: 0 });
conntrack.track(tcp({ ...client, flags: "ACK", seq: 1001, ack: 5001 }), { time: 0 });
show("data beyond the window", tcp({ ...client, flags: "ACK", seq: 100_000, ack: 5001, payload: "?" }));
show(
  "a checksum left to the network card",
  tcp({ ...client, flags: "ACK", seq: 1001, ack: 5001, checksum: 0 }),
);

conntrack.setSysctl("nf_conntrack_tcp_be_liberal", 1);
show("the same data, liberally", tcp({ ...client, flags: "ACK", seq: 100_000, ack: 5001, payload: "?" }));
