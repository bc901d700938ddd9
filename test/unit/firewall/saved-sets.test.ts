/** Sets listed back: what rules have added, counted and let run out. Recordings of ipset compare the rest. */
import { describe, expect, it } from "vitest";
import { Firewall } from "../../../src/firewall.js";
import { udp } from "../../../src/packet/index.js";

const SETS = `create seen hash:ip family inet hashsize 1024 maxelem 65536 timeout 300 counters comment
add seen 10.0.0.9 timeout 10 packets 0 bytes 0 comment "a guest"
add seen 10.0.0.10 timeout 0 packets 7 bytes 700
create ports bitmap:port range 0-1023
add ports 53
create all list:set size 8
add all seen
add all ports
`;

const RULES = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m set --match-set seen src -j ACCEPT
-A FORWARD -j SET --add-set seen src
COMMIT
`;

async function machine() {
  return Firewall.fromIptablesSave(
    { ipv4: RULES },
    { ipset: SETS, interfaces: { lan: ["10.0.0.1/24"] }, routes: [{ to: "default", dev: "lan" }] },
  );
}

const from = (src: string) => udp({ src, dst: "192.0.2.1", sport: 1, dport: 53 });

describe("saveSets", () => {
  it("gives back what was given", async () => {
    expect((await machine()).saveSets().split("\n").sort()).toEqual(SETS.split("\n").sort());
  });

  it("has what rules add and count, and what time does", async () => {
    const fw = await machine();
    fw.process(from("10.0.0.2"), { in: "lan", time: 0 });
    fw.process(from("10.0.0.2"), { in: "lan", time: 0 });
    fw.process(from("10.0.0.9"), { in: "lan", time: 3500 });
    const elements = (time: number) => fw.saveSets({ time }).match(/^add seen .*$/gm);
    expect(elements(4000)).toEqual([
      "add seen 10.0.0.2 timeout 296 packets 2 bytes 56",
      'add seen 10.0.0.9 timeout 6 packets 1 bytes 28 comment "a guest"',
      "add seen 10.0.0.10 timeout 0 packets 7 bytes 700",
    ]);
    expect(elements(9500)).toContain('add seen 10.0.0.9 timeout 1 packets 1 bytes 28 comment "a guest"');
    expect(elements(10_000)?.some((line) => line.includes("10.0.0.9 "))).toBe(false);
    fw.replaceSets(fw.saveSets({ time: 10_000 }));
    expect(elements(11_000)?.[0]).toBe("add seen 10.0.0.2 timeout 289 packets 2 bytes 56");
  });
});
