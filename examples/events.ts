/** What happens to flows, as `conntrack -E` tells it. */
import { Conntrack } from "conntrack-wasm";
import { udp } from "conntrack-wasm/packet";

const client = { src: "10.1.0.2", dst: "192.0.2.53", sport: 40000, dport: 53 };
const server = { src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };

const conntrack = await Conntrack.create();
conntrack.track(udp({ ...client, payload: "question" }), { time: 0 });
conntrack.track(udp({ ...server, payload: "answer" }), { time: 20 });
conntrack.track(udp({ ...client, payload: "another" }), { time: 3000 });
conntrack.expire({ time: 200_000 });

for (const event of conntrack.drainEvents()) {
  if ("expectation" in event) continue;
  const { src, dst, dport } = event.original;
  console.log(
    `${event.time} ms ${event.kind} ${event.protocol} ${src} -> ${dst}:${dport} (${event.changes.join(" ")})`,
  );
}
