import { expect, it } from "vitest";
import { Conntrack, ShardedConntrack } from "../../src/index.js";
import { icmpError, tcp, udp } from "../../src/packet/index.js";

/** Exchanges between many hosts, some of which end with an ICMP error. */
function conversation(i: number): Uint8Array[] {
  const [src, dst] = [`10.0.${i >>> 8}.${i & 255}`, `192.0.2.${i % 7}`];
  const there = { src, dst, sport: 1000 + i, dport: 80 };
  const back = { src: dst, dst: src, sport: 80, dport: 1000 + i };
  if (i % 3 === 0)
    return [udp(there), icmpError(udp(there), { src: "198.51.100.1", error: "host-unreachable" })];
  return [
    tcp({ ...there, flags: "SYN", seq: 1 }),
    tcp({ ...back, flags: "SYN,ACK", seq: 1, ack: 2 }),
    tcp({ ...there, flags: "ACK", seq: 2, ack: 2 }),
  ];
}

it("tracks in web workers as one engine does", async () => {
  const packets = Array.from({ length: 500 }, (_, i) => conversation(i)).flat();
  const one = await Conntrack.create();
  const sharded = await ShardedConntrack.create({ shards: 3 });
  const [expected, found] = [one.createBatch(packets.length), sharded.createBatch(packets.length)];
  for (const batch of [expected, found]) for (const [i, packet] of packets.entries()) batch.push(packet, i);
  one.trackBatch(expected);
  await sharded.trackBatch(found);
  expect(found.ctStates).toEqual(expected.ctStates);
  const sorted = (text: string) => text.split("\n").sort();
  expect(sorted(await sharded.procNetNfConntrack())).toEqual(sorted(one.procNetNfConntrack()));
  expect(await sharded.stats()).toEqual(one.stats());
  sharded.close();
  await expect(sharded.stats()).rejects.toMatchObject({ code: "CT_WORKER" });
});
