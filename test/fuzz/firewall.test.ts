/** Damaged rulesets that are accepted all the same, with damaged packets: a verdict, always, and memory that stays whole. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { internalsOf } from "../../src/conntrack.js";
import { ConntrackError } from "../../src/errors.js";
import { Firewall } from "../../src/firewall.js";
import type { FirewallResult } from "../../src/firewall-result.js";
import { icmp, tcp, udp } from "../../src/packet/index.js";
import { damaged } from "./text-mutation.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 200);
const folder = new URL("../unit/rules/rulesets/", import.meta.url);
const rulesets = readdirSync(folder)
  .filter((file) => file.endsWith(".rules"))
  .map((file) => readFileSync(new URL(file, folder), "utf8"));

const NETWORK = {
  interfaces: { eth0: ["10.1.0.1/16", "2001:db8:1::1/64"], eth1: ["198.51.100.1/24"] },
  routes: [{ to: "default", dev: "eth1" }],
} as const;

const ends = { src: "10.1.0.2", dst: "203.0.113.10" };
const PACKETS = [
  tcp({ ...ends, sport: 1000, dport: 22, flags: "SYN", options: { mss: 1460 } }),
  udp({ ...ends, sport: 1000, dport: 53, payload: new Uint8Array(40) }),
  icmp({ ...ends, type: "echo-request" }),
  tcp({ src: "2001:db8:1::2", dst: "2001:db8:1::1", sport: 1, dport: 80, flags: "SYN" }),
];

/** Bytes of a packet overwritten, and its end cut off. */
const packets = fc
  .tuple(
    fc.constantFrom(...PACKETS),
    fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 4 }),
    fc.nat(100),
  )
  .map(([packet, changes, length]) => {
    const changed = packet.slice(0, Math.max(1, packet.length - (length < 50 ? 0 : length - 50)));
    for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
    return changed;
  });

/** All matches hold, or the last one that was asked does not; and everything can be said. */
function explained(result: FirewallResult): void {
  for (const { matches, outcome } of result.rules) {
    const asked = matches.map(({ matched }) => matched);
    const end = asked.indexOf(false);
    if (outcome === "matches") expect(asked).toEqual(asked.map(() => true));
    else expect(asked).toEqual(asked.map((_, i) => (i < end ? true : i === end ? false : undefined)));
  }
  expect(result.explainRules()).not.toMatch(/\bundefined\b|\bNaN\b/);
}

it("damaged rulesets and packets", async () => {
  const firewall = await Firewall.fromIptablesSave({}, NETWORK);
  const { engine } = internalsOf(firewall.conntrack);
  let time = 0;
  let accepted = 0;
  fc.assert(
    fc.property(damaged(rulesets), fc.array(packets, { minLength: 1, maxLength: 8 }), (text, list) => {
      try {
        firewall.replaceRules({ ipv4: text });
        accepted++;
      } catch (error) {
        if (!(error instanceof ConntrackError)) throw error;
        expect(error.code).toBe("CT_BAD_RULE");
      }
      for (const packet of list) {
        time += 1000;
        const result = firewall.process(packet, { time, in: "eth0", trace: (time & 1024) !== 0 });
        expect(["ACCEPT", "DROP", "REJECT", "STOLEN"]).toContain(result.verdict);
        explained(result);
      }
      expect(engine.call.countEntries()).toBeGreaterThanOrEqual(engine.call.flowsInUse());
    }),
    { numRuns: RUNS },
  );
  expect(accepted, "rulesets that were accepted").toBeGreaterThan(RUNS / 10);
});
