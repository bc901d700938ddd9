import { inspect } from "node:util";
import { expect, it } from "vitest";
import { Conntrack, Firewall } from "../../src/index.js";
import { tcp } from "../../src/packet/index.js";

const packet = tcp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2, flags: "SYN" });

it("a result shows what became of the packet when it is printed", async () => {
  const result = (await Conntrack.create()).track(packet, { time: 0 });
  expect(inspect(result)).toContain("ctState: 'NEW'");
  expect(JSON.parse(JSON.stringify(result))).toEqual({
    ctState: "NEW",
    direction: "original",
    verdict: "ACCEPT",
  });
});

it("that of a firewall shows what rules have done, too", async () => {
  const rules = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";
  const firewall = await Firewall.fromIptablesSave(
    { ipv4: rules },
    { interfaces: { eth0: ["10.0.0.2/24"] } },
  );
  const result = firewall.process(packet, { time: 0, in: "eth0" });
  expect(JSON.parse(JSON.stringify(result))).toMatchObject({
    ctState: "NEW",
    verdict: "ACCEPT",
    mark: 0,
    path: ["PREROUTING", "INPUT"],
  });
});
