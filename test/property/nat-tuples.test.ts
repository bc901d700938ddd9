import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answering, type Kind, opening, Router } from "./nat-router.js";

/** Few addresses and ports, so that connections want the same tuples all the time. */
const RULES: Record<string, readonly string[]> = {
  MASQUERADE: ["-A POSTROUTING -o wan0 -j MASQUERADE"],
  "SNAT to two addresses": ["-A POSTROUTING -o wan0 -j SNAT --to-source 198.51.100.10-198.51.100.11"],
  "SNAT to ten ports": [
    "-A POSTROUTING -o wan0 -p tcp -j SNAT --to-source 198.51.100.9:4000-4009",
    "-A POSTROUTING -o wan0 -p udp -j SNAT --to-source 198.51.100.9:4000-4009 --random",
    "-A POSTROUTING -o wan0 -j MASQUERADE",
  ],
  "DNAT of everything to one server": [
    "-A PREROUTING -p tcp -j DNAT --to-destination 203.0.113.99:80-84",
    "-A PREROUTING -j DNAT --to-destination 203.0.113.99",
    "-A POSTROUTING -o wan0 -p udp -j MASQUERADE --to-ports 1000-1010",
  ],
  "REDIRECT and hairpin": [
    "-A PREROUTING -i wan0 -p tcp -j REDIRECT --to-ports 8000-8003",
    "-A PREROUTING -d 198.51.100.1 -p udp -j DNAT --to-destination 10.1.0.3:5000",
    "-A POSTROUTING -d 10.1.0.0/16 -j MASQUERADE",
  ],
};

const step = fc.record({
  kind: fc.constantFrom<Kind>("tcp", "tcp", "udp", "udp", "icmp", "sctp"),
  from: fc.constantFrom<"lan0" | "wan0">("lan0", "lan0", "wan0"),
  client: fc.integer({ min: 2, max: 6 }),
  server: fc.constantFrom("203.0.113.2", "203.0.113.3", "198.51.100.1", "10.1.0.3"),
  sport: fc.constantFrom(7, 600, 4000, 4001, 5000),
  dport: fc.constantFrom(53, 80, 4000),
  wait: fc.constantFrom(0, 0, 0, 20, 40_000),
  answered: fc.boolean(),
});

describe.each(Object.entries(RULES))("with %s", (_, rules) => {
  it("no two flows share a tuple, whatever comes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 150, maxLength: 300 }), async (steps) => {
        const router = await Router.create({ ipv4: rules });
        for (const [i, { kind, from, client, server, sport, dport, wait, answered }] of steps.entries()) {
          router.time += wait;
          const src = from === "lan0" ? `10.1.0.${client}` : `203.0.113.${client}`;
          const packet = opening({ kind, src, dst: server, sport, dport }, new Uint8Array(3));
          const { packets, out } = router.send(packet, from);
          if (answered && packets[0] && out)
            router.send(answering(packets[0], new Uint8Array(3)), out as "wan0");
          if (i % 25 === 0) router.checkTuples();
        }
        router.checkTuples();
      }),
      { numRuns: 12, seed: 3, endOnFailure: true },
    );
  });
});

describe("when more connections want ports than there are", () => {
  const PORTS = 1000;
  const CONNECTIONS = 10_000;

  it("those that have one keep it, and work", async () => {
    const router = await Router.create({
      ipv4: ["-A POSTROUTING -o wan0 -p tcp -j SNAT --to-source 198.51.100.9:20000-20999"],
    });
    const ends = (i: number) => ({
      kind: "tcp" as const,
      src: `10.1.${Math.floor(i / 200)}.${(i % 200) + 2}`,
      dst: "203.0.113.2",
      sport: 40000,
      dport: 443,
    });
    const established = new Map<number, Uint8Array>();
    let refused = 0;
    for (let i = 0; i < CONNECTIONS; i++) {
      const { packets, reason } = router.send(opening(ends(i), new Uint8Array(0)), "lan0");
      const [left] = packets;
      if (!left) {
        expect(reason).toBe("NAT_CLASH");
        refused++;
        continue;
      }
      expect(router.send(answering(left, new Uint8Array(0)), "wan0").ctState).toBe("ESTABLISHED");
      established.set(i, left);
    }
    // The search is bounded, so the last few free ports may be missed; nearly all are found.
    expect(established.size).toBeGreaterThan(PORTS * 0.99);
    expect(established.size).toBeLessThanOrEqual(PORTS);
    expect(refused).toBe(CONNECTIONS - established.size);
    router.checkTuples();
    const stats = router.firewall.conntrack.stats();
    expect(stats.insert_failed).toBe(refused);
    expect(stats.drop).toBe(refused);
    for (const [i, left] of established) {
      expect(router.send(answering(left, new Uint8Array(0)), "wan0").packets[0]?.subarray(16, 20)).toEqual(
        Uint8Array.from(ends(i).src.split("."), Number),
      );
    }
  });
});
