/** How many entries a load of connections keeps in the table, under different timeouts: size nf_conntrack_max by it. */
import { Conntrack } from "conntrack-wasm";
import { tcp } from "conntrack-wasm/packet";

const PER_SECOND = 40;
const SECONDS = 200;

/** Short connections: opened, closed by a reset or left in TIME_WAIT. Returns the most entries at any second. */
async function most(sysctl: Record<string, number>): Promise<number> {
  const conntrack = await Conntrack.create({ sysctl, eventCapacity: 0 });
  let entries = 0;
  for (let n = 0; n < PER_SECOND * SECONDS; n++) {
    const time = (n * 1000) / PER_SECOND;
    const client = { src: `10.1.${n >> 15}.2`, dst: "203.0.113.10", sport: 1024 + (n % 32768), dport: 443 };
    const server = { src: client.dst, dst: client.src, sport: client.dport, dport: client.sport };
    conntrack.track(tcp({ ...client, flags: "SYN", seq: 0 }), { time });
    conntrack.track(tcp({ ...server, flags: "SYN,ACK", seq: 0, ack: 1 }), { time });
    conntrack.track(tcp({ ...client, flags: "ACK", seq: 1, ack: 1 }), { time });
    conntrack.track(tcp({ ...client, flags: "FIN,ACK", seq: 1, ack: 1 }), { time });
    conntrack.track(tcp({ ...server, flags: "FIN,ACK", seq: 1, ack: 2 }), { time });
    conntrack.track(tcp({ ...client, flags: "ACK", seq: 2, ack: 2 }), { time });
    if (n % PER_SECOND === 0) {
      conntrack.expire({ time });
      entries = Math.max(entries, conntrack.memory().flows);
    }
  }
  return entries;
}

console.log(`${PER_SECOND} connections a second need`);
console.log(`${await most({})} entries by default`);
console.log(`${await most({ nf_conntrack_tcp_timeout_time_wait: 30 })} with a TIME_WAIT of 30 s`);
