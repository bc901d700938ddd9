// Rules tested with vitest: compiled under strict settings, and run.
import { Firewall } from "conntrack-wasm";
import { tcp } from "conntrack-wasm/packet";
import { expect, it } from "vitest";
import "conntrack-wasm/vitest";

const firewall = await Firewall.fromIptablesSave(
  { ipv4: "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n" },
  { interfaces: { eth0: ["192.0.2.1/24"] } },
);

const to = (dport: number) => {
  const packet = tcp({ src: "192.0.2.9", dst: "192.0.2.1", sport: 4000, dport, flags: "SYN" });
  return firewall.process(packet, { time: 0, in: "eth0", trace: true });
};

it("SSH comes in", () => {
  expect(to(22)).toBeAccepted();
  expect(to(22)).toBeDecidedBy({ table: "filter", chain: "INPUT", number: 1 });
});

it("telnet does not", () => {
  expect(to(23)).not.toBeAccepted();
  expect(to(23)).toHavePath(["PREROUTING", "INPUT"]);
});

it.fails("and this is told", () => {
  expect(to(23)).toBeAccepted();
});
