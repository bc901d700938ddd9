/** The tutorial on ICMP (claims T-60 to T-68), held against Linux 6.18. */
import { expect, it } from "vitest";
import { icmp, icmpError } from "../../src/packet/index.js";
import { Machine } from "./machine.js";

const CLIENT = "192.168.1.6";
const SERVER = "192.168.1.10";
const ROUTER = "192.168.1.254";
const ENDS = { client: CLIENT, server: SERVER };

it("the figure of a ping: the request is NEW, the reply ESTABLISHED", async () => {
  const machine = await Machine.create();
  const ping = machine.ping(ENDS, 33029);
  expect(ping.request().ctState).toBe("NEW");
  expect(ping.reply().ctState).toBe("ESTABLISHED");
});

it.each(["echo-request", "timestamp-request", "information-request", "address-mask-request"] as const)(
  "T-60: %s begins a flow",
  async (type) => {
    const machine = await Machine.create();
    expect(machine.send(icmp({ src: CLIENT, dst: SERVER, type, icmpId: 1 })).ctState).toBe("NEW");
    expect(machine.lines().length).toBe(1);
  },
);

it.each(["echo-reply", "timestamp-reply", "router-solicitation", "router-advertisement"] as const)(
  "T-60: %s does not",
  async (type) => {
    const machine = await Machine.create();
    expect(machine.send(icmp({ src: CLIENT, dst: SERVER, type, icmpId: 1 })).ctState).toBe("INVALID");
    expect(machine.lines()).toEqual([]);
  },
);

it("T-61, T-62, T-64: the entry: type, code and id, the answer's type in return, 30 seconds", async () => {
  const machine = await Machine.create();
  machine.ping(ENDS, 33029).request();
  machine.wait(5);
  expect(machine.oldLines()).toEqual([
    "icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] " +
      "src=192.168.1.10 dst=192.168.1.6 type=0 code=0 id=33029 mark=0 use=2",
  ]);
});

it("T-63: the reply does not end the flow: it lives for 30 seconds more, and further requests are ESTABLISHED", async () => {
  const machine = await Machine.create();
  const ping = machine.ping(ENDS, 1);
  ping.request();
  machine.wait(10);
  ping.reply();
  expect(machine.oldLines()[0]).toMatch(/^icmp {5}1 30 (?!.*UNREPLIED)/);
  expect(ping.request().ctState).toBe("ESTABLISHED");
});

it("T-65: a reply must have the request's id and code", async () => {
  const machine = await Machine.create();
  const ping = machine.ping(ENDS, 1);
  ping.request();
  expect(ping.reply(0, 2).ctState).toBe("INVALID");
  expect(ping.reply(1).ctState).toBe("INVALID");
  expect(ping.reply().ctState).toBe("ESTABLISHED");
});

it("T-66: errors about a SYN and about a datagram are RELATED", async () => {
  const machine = await Machine.create();
  const connection = machine.connection(ENDS);
  const syn = connection.segment("client", "SYN");
  expect(machine.send(syn).ctState).toBe("NEW");
  expect(machine.complain(syn, ROUTER, "net-unreachable").ctState).toBe("RELATED");
  const datagrams = machine.datagrams(ENDS);
  expect(datagrams.client().ctState).toBe("NEW");
  expect(machine.complain(datagrams.packet("client"), ROUTER, "net-prohibited").ctState).toBe("RELATED");
});

it("T-67: which changes nothing about the entry, not even its seconds", async () => {
  const machine = await Machine.create();
  const datagrams = machine.datagrams(ENDS);
  datagrams.client();
  machine.wait(10);
  const before = machine.lines();
  machine.complain(datagrams.packet("client"), ROUTER, "host-unreachable");
  expect(machine.lines()).toEqual(before);
  expect(before[0]).toMatch(/ 20 .*\[UNREPLIED\]/);
});

it("T-68: but an error that is not sent to whom it concerns, or quotes too little, is INVALID", async () => {
  const machine = await Machine.create();
  const datagrams = machine.datagrams(ENDS);
  datagrams.client();
  const about = datagrams.packet("client");
  const error = { src: SERVER, error: "port-unreachable" } as const;
  expect(machine.send(icmpError(about, error)).ctState).toBe("RELATED");
  expect(machine.send(icmpError(about, { ...error, dst: "192.168.1.99" })).reason).toBe("ICMP_ERROR_ADDRESS");
  expect(machine.send(icmpError(about, { ...error, quote: 20 })).reason).toBe("ICMP_ERROR_INNER");
});
