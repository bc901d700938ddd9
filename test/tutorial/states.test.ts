/** The tutorial's introduction and its user-land states (claims T-1 to T-5 and T-20 to T-27), held against Linux 6.18. */
import { expect, it } from "vitest";
import { fragments, icmp, icmpError, tcp, udp } from "../../src/packet/index.js";
import { Machine } from "./machine.js";

const CLIENT = "192.168.1.5";
const SERVER = "192.168.1.35";
const ENDS = { client: CLIENT, server: SERVER };

it("T-1: the states are NEW, ESTABLISHED, RELATED, INVALID, and UNTRACKED", async () => {
  const machine = await Machine.create();
  const query = udp({ src: CLIENT, dst: SERVER, sport: 1, dport: 53 });
  const states = [
    machine.send(query),
    machine.send(udp({ src: SERVER, dst: CLIENT, sport: 53, dport: 1 })),
    machine.send(icmpError(query, { src: "192.168.1.254", error: "host-unreachable" })),
    machine.send(icmp({ src: SERVER, dst: CLIENT, type: "echo-reply" })),
  ].map(({ ctState }) => ctState);
  expect(states).toEqual(["NEW", "ESTABLISHED", "RELATED", "INVALID"]);
});

it("T-2: a UDP flow is its addresses, ports and protocol", async () => {
  const machine = await Machine.create();
  const base = { src: CLIENT, dst: SERVER, sport: 1000, dport: 53 };
  for (const one of [
    base,
    { ...base, src: "192.168.1.6" },
    { ...base, dst: "192.168.1.36" },
    { ...base, sport: 1001 },
    { ...base, dport: 54 },
  ]) {
    expect(machine.send(udp(one)).ctState).toBe("NEW");
    machine.send(udp(one));
  }
  machine.send(tcp({ ...base, flags: "SYN" }));
  expect(machine.lines().length).toBe(6);
});

it("T-3: fragments are put together before anything is tracked", async () => {
  const machine = await Machine.create();
  const [first, second, ...others] = fragments(
    udp({ src: CLIENT, dst: SERVER, sport: 1, dport: 2, payload: "x".repeat(100) }),
    { mtu: 100 },
  );
  expect(others).toEqual([]);
  expect(machine.send(first!).verdict).toBe("STOLEN");
  expect(machine.lines()).toEqual([]);
  const whole = machine.send(second!);
  expect(whole.ctState).toBe("NEW");
  expect(whole.datagram?.length).toBe(128);
  expect(whole.packets.length).toBe(2);
});

it("T-5: the first packet that this machine sends is NEW, the answer that arrives is ESTABLISHED", async () => {
  const machine = await Machine.create();
  const query = udp({ src: CLIENT, dst: SERVER, sport: 1, dport: 53 });
  expect(machine.send(query, { hook: "OUTPUT" }).ctState).toBe("NEW");
  const answer = udp({ src: SERVER, dst: CLIENT, sport: 53, dport: 1 });
  expect(machine.send(answer, { hook: "PREROUTING" }).ctState).toBe("ESTABLISHED");
});

it("T-20: NEW is every packet of the opener, until there is a reply", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(ENDS);
  expect([exchange.client(), exchange.client(), exchange.client()].map(({ ctState }) => ctState)).toEqual([
    "NEW",
    "NEW",
    "NEW",
  ]);
  exchange.server();
  expect(exchange.client().ctState).toBe("ESTABLISHED");
});

it.each([
  ["ACK", "NEW"],
  ["ACK+PSH", "NEW"],
  ["ACK+PSH+URG", "NEW"],
  ["SYN+ACK", "INVALID"],
  ["FIN+ACK", "INVALID"],
  ["RST", "INVALID"],
  ["NONE", "INVALID"],
])("T-21: without a SYN, %s as a first packet is %s", async (flags, state) => {
  const machine = await Machine.create();
  expect(machine.connection(ENDS).client(flags).ctState).toBe(state);
});

it("T-22: ESTABLISHED needs a packet and a reply, and is then so both ways", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(ENDS);
  exchange.client();
  for (const { ctState } of [exchange.server(), exchange.client(), exchange.server()]) {
    expect(ctState).toBe("ESTABLISHED");
  }
});

it("T-23: answers to pings are ESTABLISHED, errors are RELATED", async () => {
  const machine = await Machine.create();
  const ping = machine.ping(ENDS, 1);
  ping.request();
  expect(ping.reply().ctState).toBe("ESTABLISHED");
  const request = icmp({ src: CLIENT, dst: SERVER, type: 8, icmpId: 1 });
  expect(machine.complain(request, "192.168.1.254", "ttl-exceeded").ctState).toBe("RELATED");
});

it("T-24: what is RELATED needs a flow, but not one that has been answered", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams(ENDS);
  exchange.client();
  expect(machine.lines()[0]).toContain("[UNREPLIED]");
  expect(machine.complain(exchange.packet("client"), SERVER, "port-unreachable").ctState).toBe("RELATED");
  const stranger = udp({ src: CLIENT, dst: SERVER, sport: 9, dport: 9 });
  expect(machine.complain(stranger, SERVER, "port-unreachable").ctState).toBe("INVALID");
});

it("T-25: FTP data is RELATED once a helper has been given to the control connection, and only then", async () => {
  for (const helped of [true, false]) {
    const machine = await Machine.create();
    if (helped) machine.ct.addHelper({ name: "ftp" });
    const control = machine.connection({ ...ENDS, serverPort: 21 }).open();
    control.server("PSH+ACK", "220 ready\r\n");
    control.client("PSH+ACK", "USER anonymous\r\n");
    control.client("PSH+ACK", "PASV\r\n");
    control.server("PSH+ACK", "227 Entering Passive Mode (192,168,1,35,4,1).\r\n");
    const data = tcp({ src: CLIENT, dst: SERVER, sport: 2000, dport: 1025, flags: "SYN" });
    expect(machine.send(data).ctState).toBe(helped ? "RELATED" : "NEW");
  }
});

it("T-26: an expected connection is RELATED until its first reply, then ESTABLISHED", async () => {
  const machine = await Machine.create();
  machine.ct.addHelper({ name: "tftp" });
  machine.datagrams({ ...ENDS, clientPort: 3000, serverPort: 69 }).client();
  machine.send(udp({ src: CLIENT, dst: SERVER, sport: 3000, dport: 69, payload: [0, 1, 0x66, 0, 0x6f, 0] }));
  const data = machine.datagrams({ client: SERVER, server: CLIENT, clientPort: 4000, serverPort: 3000 });
  expect(data.client().ctState).toBe("RELATED");
  expect(data.client().ctState).toBe("RELATED");
  expect(data.server().ctState).toBe("ESTABLISHED");
  expect(data.client().ctState).toBe("ESTABLISHED");
});

it("T-27: INVALID is what cannot be identified or has no state, such as errors about flows that are not known", async () => {
  const machine = await Machine.create();
  const about = udp({ src: CLIENT, dst: SERVER, sport: 1, dport: 2 });
  const error = machine.complain(about, SERVER, "port-unreachable");
  expect(error.ctState).toBe("INVALID");
  expect(error.verdict).toBe("ACCEPT");
  expect(machine.lines()).toEqual([]);
});

it("T-27: but a packet for which there is no room is dropped", async () => {
  const machine = await Machine.create({ nf_conntrack_max: 1 });
  machine.connection(ENDS).open();
  expect(machine.datagrams(ENDS).client()).toMatchObject({ verdict: "DROP", reason: "TABLE_FULL" });
});
