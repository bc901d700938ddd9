/** A helper for a protocol of your own: "OPEN 5001\n" from the client announces a connection back to it. */
import { Conntrack, type Helper } from "conntrack-wasm";
import { tcp } from "conntrack-wasm/packet";

const backcall: Helper = {
  name: "backcall",
  protocol: "tcp",
  port: 4000,
  classes: [{ max: 1, timeout: 60 }],
  packet({ payload, direction, original, expect }) {
    if (direction !== "original") return;
    // Payloads are hostile: look at little, believe nothing.
    const port = /^OPEN (\d{1,5})\n/.exec(new TextDecoder("latin1").decode(payload.subarray(0, 16)))?.[1];
    if (port === undefined || Number(port) > 65535) return;
    expect({
      protocol: "tcp",
      source: { address: original.dst },
      destination: { address: original.src, port: Number(port) },
    });
  },
};

const client = { src: "10.1.0.2", dst: "203.0.113.10", sport: 40000, dport: 4000 };
const server = { src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };

const conntrack = await Conntrack.create();
conntrack.addHelper(backcall);
const track = (packet: Uint8Array) => conntrack.track(packet, { time: 0 });

track(tcp({ ...client, flags: "SYN", seq: 1 }));
track(tcp({ ...server, flags: "SYN,ACK", seq: 1, ack: 2 }));
track(tcp({ ...client, flags: "ACK", seq: 2, ack: 2 }));
track(tcp({ ...client, flags: "PSH,ACK", seq: 2, ack: 2, payload: "OPEN 5001\n" }));
console.log(conntrack.procNetNfConntrackExpect().trim());

const back = track(tcp({ src: server.src, dst: server.dst, sport: 55555, dport: 5001, flags: "SYN" }));
console.log(back.ctState, "announced by", back.flow?.master?.line());
