/** The tutorial on UDP and on protocols that it does not know (claims T-50 to T-54, T-70, T-71), held against Linux 6.18. */
import { expect, it } from "vitest";
import { ip } from "../../src/packet/index.js";
import { Machine } from "./machine.js";

const NETBIOS = { client: "192.168.1.2", server: "192.168.1.5", clientPort: 137, serverPort: 1025 };
const DNS = { client: "192.168.1.5", server: "195.22.79.2", clientPort: 1025, serverPort: 53 };

it("T-50: a first datagram is NEW and has 30 seconds", async () => {
  const machine = await Machine.create();
  expect(machine.datagrams(NETBIOS).client().ctState).toBe("NEW");
  expect(machine.oldLines()).toEqual([
    "udp      17 30 src=192.168.1.2 dst=192.168.1.5 sport=137 dport=1025 [UNREPLIED] " +
      "src=192.168.1.5 dst=192.168.1.2 sport=1025 dport=137 mark=0 use=2",
  ]);
});

it("T-51: a reply keeps it at 30 seconds; a stream has 120, and is one after two seconds", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(NETBIOS);
  exchange.client();
  expect(exchange.server().ctState).toBe("ESTABLISHED");
  expect(machine.oldLines()[0]).toMatch(/^udp {6}17 30 (?!.*(UNREPLIED|ASSURED))/);
  machine.wait(2.1);
  exchange.client();
  expect(machine.oldLines()[0]).toMatch(/^udp {6}17 120 .*\[ASSURED\] mark=0 use=2$/);
});

it("T-52: [ASSURED] needs a reply, and a packet more than two seconds after the first", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(NETBIOS);
  exchange.client();
  machine.wait(10);
  exchange.client();
  expect(machine.oldLines()[0]).not.toContain("ASSURED");
  exchange.server();
  expect(machine.oldLines()[0]).not.toContain("ASSURED");
  exchange.client();
  expect(machine.oldLines()[0]).toContain("ASSURED");
});

it("T-53: a question and its answer are forgotten after 30 seconds without [ASSURED]", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(DNS);
  exchange.client();
  exchange.server();
  machine.wait(29);
  expect(machine.oldLines()[0]).toMatch(/^udp {6}17 1 (?!.*ASSURED)/);
  machine.wait(1);
  expect(machine.oldLines()).toEqual([]);
});

it("T-53: a stream that falls silent is gone after 120 seconds", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(DNS);
  exchange.client();
  machine.wait(3);
  exchange.server();
  exchange.client();
  machine.wait(119);
  expect(machine.oldLines().length).toBe(1);
  machine.wait(1);
  expect(machine.oldLines()).toEqual([]);
});

it("T-54: each packet sets the timer to its full value", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(DNS);
  for (let i = 0; i < 5; i++) {
    exchange.client();
    expect(machine.oldLines()[0]).toMatch(/^udp {6}17 30 /);
    machine.wait(20);
  }
});

it("T-70, T-71: unknown protocols are tracked by addresses alone: NEW, ESTABLISHED, 600 seconds", async () => {
  const machine = await Machine.create();
  const there = ip({ src: DNS.client, dst: DNS.server, protocol: 99, payload: "x" });
  const back = ip({ src: DNS.server, dst: DNS.client, protocol: 99, payload: "y" });
  expect(machine.send(there).ctState).toBe("NEW");
  expect(machine.oldLines()[0]).toMatch(
    /^unknown {2}99 600 src=192\.168\.1\.5 dst=195\.22\.79\.2 \[UNREPLIED\]/,
  );
  expect(machine.send(back).ctState).toBe("ESTABLISHED");
  expect(machine.send(there).ctState).toBe("ESTABLISHED");
  expect(machine.oldLines()[0]).toMatch(/^unknown {2}99 600 (?!.*(UNREPLIED|ASSURED))/);
  expect(machine.ct.getSysctl("nf_conntrack_generic_timeout")).toBe(600);
});
