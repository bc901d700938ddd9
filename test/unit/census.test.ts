import { expect, it } from "vitest";
import { Conntrack } from "../../src/index.js";
import { sctp, tcp, udp } from "../../src/packet/index.js";

it("counts flows by protocol and state, those alone that match and live", async () => {
  const conntrack = await Conntrack.create();
  const ends = { src: "10.0.0.1", dst: "10.0.0.2", dport: 80 };
  const back = { src: ends.dst, dst: ends.src, sport: 80 };
  for (let sport = 1; sport <= 3; sport++) {
    conntrack.track(tcp({ ...ends, sport, flags: "SYN" }), { time: 0 });
    conntrack.track(udp({ ...ends, sport }), { time: 0 });
  }
  conntrack.track(tcp({ ...back, dport: 2, flags: "SYN,ACK", ack: 1 }), { time: 0 });
  conntrack.track(sctp({ ...ends, sport: 9, chunks: [{ type: "INIT", initiateTag: 1 }] }), { time: 0 });
  expect(conntrack.countByState()).toEqual([
    { protocol: "tcp", protocolNumber: 6, state: "SYN_SENT", flows: 2 },
    { protocol: "tcp", protocolNumber: 6, state: "SYN_RECV", flows: 1 },
    { protocol: "udp", protocolNumber: 17, state: undefined, flows: 3 },
    { protocol: "sctp", protocolNumber: 132, state: "CLOSED", flows: 1 },
  ]);
  expect(conntrack.countByState({ sport: 2 }).map(({ flows }) => flows)).toEqual([1, 1]);
  conntrack.expire({ time: 40_000 });
  expect(conntrack.countByState().map(({ protocol }) => protocol)).toEqual(["tcp", "tcp"]);
});
