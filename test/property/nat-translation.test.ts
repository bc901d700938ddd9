import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { icmpError } from "../../src/packet/index.js";
import {
  ADDRESSES,
  answering,
  dissected,
  type Ends,
  endsText,
  type Family,
  inverseText,
  type Kind,
  opening,
  Router,
} from "./nat-router.js";

/** One nat table each. */
const RULES: Record<string, { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }> = {
  "no rule": { ipv4: [], ipv6: [] },
  MASQUERADE: {
    ipv4: ["-A POSTROUTING -o wan0 -j MASQUERADE"],
    ipv6: ["-A POSTROUTING -o wan0 -j MASQUERADE"],
  },
  "SNAT to addresses": {
    ipv4: ["-A POSTROUTING -o wan0 -j SNAT --to-source 198.51.100.10-198.51.100.20"],
    ipv6: ["-A POSTROUTING -o wan0 -j SNAT --to-source 2001:db8:ffff::10-2001:db8:ffff::20"],
  },
  "SNAT at random": {
    ipv4: ["-A POSTROUTING -o wan0 -j SNAT --to-source 198.51.100.9 --random-fully"],
    ipv6: ["-A POSTROUTING -o wan0 -j SNAT --to-source 2001:db8:ffff::9 --random-fully"],
  },
  "SNAT to ports": {
    ipv4: ["-A POSTROUTING -o wan0 -p tcp -j SNAT --to-source 198.51.100.9:2000-3000"],
    ipv6: ["-A POSTROUTING -o wan0 -p udp -j SNAT --to-source [2001:db8:ffff::9]:2000-3000"],
  },
  DNAT: {
    ipv4: ["-A PREROUTING -i lan0 -j DNAT --to-destination 203.0.113.99"],
    ipv6: ["-A PREROUTING -i lan0 -j DNAT --to-destination 2001:db8:2::99"],
  },
  NETMAP: {
    ipv4: ["-A POSTROUTING -o wan0 -j NETMAP --to 198.51.0.0/16"],
    ipv6: ["-A POSTROUTING -o wan0 -j NETMAP --to 2001:db8:ffff::/64"],
  },
  "both ends": {
    ipv4: [
      "-A PREROUTING -i lan0 -p tcp -j DNAT --to-destination 203.0.113.99:8080",
      "-A POSTROUTING -o wan0 -j MASQUERADE",
    ],
    ipv6: [
      "-A PREROUTING -i lan0 -p tcp -j DNAT --to-destination [2001:db8:2::99]:8080",
      "-A POSTROUTING -o wan0 -j MASQUERADE",
    ],
  },
};

const port = fc.integer({ min: 1, max: 65535 });
const host = fc.integer({ min: 2, max: 250 });
const connection = fc.record({
  family: fc.constantFrom<Family>("ipv4", "ipv6"),
  kind: fc.constantFrom<Kind>("tcp", "udp", "sctp", "icmp"),
  client: host,
  server: host,
  sport: port,
  dport: port,
  payload: fc.uint8Array({ maxLength: 64 }),
});

type Connection = typeof connection extends fc.Arbitrary<infer T> ? T : never;

function ends({ family, kind, client, server, sport, dport }: Omit<Connection, "payload">): Ends {
  const { inside, outside } = ADDRESSES[family];
  return { kind, src: `${inside}${client}`, dst: `${outside}${server}`, sport, dport };
}

describe.each(Object.entries(RULES))("with %s", (_, rules) => {
  it("an answer arrives as if nothing had been translated", async () => {
    const router = await Router.create(rules);
    fc.assert(
      fc.property(connection, (one) => {
        const { kind, payload } = one;
        const first = opening(ends(one), payload);
        router.firewall.conntrack.flush();
        const [left] = router.send(first, "lan0").packets;
        expect(left, "leaves").toBeDefined();
        const answer = answering(left as Uint8Array, payload);
        const back = router.send(answer, "wan0");
        expect(back.ctState).toBe("ESTABLISHED");
        const [arrived] = back.packets;
        expect(endsText(arrived as Uint8Array)).toBe(inverseText(first));
        // What is not headers is nobody's business.
        const bytes = Math.min(payload.length, kind === "udp" || kind === "icmp" ? payload.length : 0);
        expect(arrived?.subarray(arrived.length - bytes)).toEqual(answer.subarray(answer.length - bytes));
        // Translated once more, by the flow alone, the first packet leaves the same way.
        if (kind !== "sctp") expect(router.send(first, "lan0").packets[0]).toEqual(left);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it("an ICMP error quotes to the client what it has sent", async () => {
    const router = await Router.create(rules);
    fc.assert(
      fc.property(connection, (one) => {
        const first = opening(ends(one), one.payload);
        router.firewall.conntrack.flush();
        const [left] = router.send(first, "lan0").packets;
        const complainer = one.family === "ipv4" ? "203.0.113.254" : "2001:db8:2::fe";
        const error = icmpError(left as Uint8Array, { src: complainer, error: "ttl-exceeded" });
        const back = router.send(error, "wan0");
        expect(back.ctState).toBe("RELATED");
        const [arrived] = back.packets;
        const { src, dst } = ends(one);
        // Linux lets whoever complains about a redirected packet look like its original destination.
        const redirected = dissected(left as Uint8Array).dst !== dst;
        expect(dissected(arrived as Uint8Array)).toMatchObject({
          src: redirected ? dst : complainer,
          dst: src,
        });
        expect(quotedBy(arrived as Uint8Array)).toEqual(onceForwarded(first));
      }),
      { numRuns: 200, seed: 6 },
    );
  });
});

/** The packet that an ICMP error quotes. */
function quotedBy(error: Uint8Array): Uint8Array {
  return error.slice(dissected(error).at.transport + 8);
}

/** As it was quoted: its TTL is lower, its IPv4 checksum higher. */
function onceForwarded(packet: Uint8Array): Uint8Array {
  const forwarded = packet.slice();
  const view = new DataView(forwarded.buffer);
  if (dissected(packet).family === "ipv6") {
    view.setUint8(7, view.getUint8(7) - 1);
    return forwarded;
  }
  view.setUint8(8, view.getUint8(8) - 1);
  const sum = view.getUint16(10) + 0x100;
  view.setUint16(10, (sum & 0xffff) + (sum >>> 16));
  return forwarded;
}
