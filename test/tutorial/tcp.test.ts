/** The tutorial on TCP connections (claims T-30 to T-47 and its table of timeouts), held against Linux 6.18. */
import { expect, it } from "vitest";
import { tcp } from "../../src/packet/index.js";
import { type Connection, Machine } from "./machine.js";

const TELNET = { client: "192.168.1.5", server: "192.168.1.35", clientPort: 1031, serverPort: 23 };

async function begin(sysctl?: Readonly<Record<string, number>>): Promise<[Machine, Connection]> {
  const machine = await Machine.create(sysctl);
  return [machine, machine.connection(TELNET)];
}

/** Seconds, state and marks of the only entry. */
function entry(machine: Machine): string {
  const [line = "gone"] = machine.oldLines();
  const words = /^tcp {6}6 (\d+ \w+)/.exec(line)?.[1] ?? line;
  return [words, ...(line.match(/\[\w+\]/g) ?? [])].join(" ");
}

it("the figure of a connection that is opened: NEW, ESTABLISHED, ESTABLISHED", async () => {
  const [, connection] = await begin();
  expect(connection.client("SYN").ctState).toBe("NEW");
  expect(connection.server("SYN+ACK").ctState).toBe("ESTABLISHED");
  expect(connection.client("ACK").ctState).toBe("ESTABLISHED");
});

it("T-30: a SYN makes an entry in SYN_SENT for 120 seconds", async () => {
  const [machine, connection] = await begin();
  connection.client("SYN");
  expect(entry(machine)).toBe("120 SYN_SENT [UNREPLIED]");
});

it("T-31: SYN and ACK in return make it SYN_RECV for 60 seconds", async () => {
  const [machine, connection] = await begin();
  connection.client("SYN");
  connection.server("SYN+ACK");
  expect(entry(machine)).toBe("60 SYN_RECV");
});

it("T-32: the final ACK makes it ESTABLISHED and [ASSURED], for five days", async () => {
  const [machine, connection] = await begin();
  connection.open();
  expect(entry(machine)).toBe("432000 ESTABLISHED [ASSURED]");
});

it("T-33: data lowers that to 300 seconds until it is acknowledged", async () => {
  const [machine, connection] = await begin();
  connection.open().client("PSH+ACK", "ls\r\n");
  expect(entry(machine)).toBe("300 ESTABLISHED [ASSURED]");
  connection.server("ACK");
  expect(entry(machine)).toBe("432000 ESTABLISHED [ASSURED]");
});

it("T-34: a connection older than the machine is ESTABLISHED without [ASSURED] at first, for 300 seconds", async () => {
  const [machine, connection] = await begin();
  connection.client("ACK");
  expect(entry(machine)).toBe("300 ESTABLISHED [UNREPLIED]");
});

it("the figure of a connection that is closed: all of it is ESTABLISHED to rules", async () => {
  const [machine, connection] = await begin();
  connection.open();
  const seen: string[] = [];
  for (const [side, flags] of [
    ["client", "FIN+ACK"],
    ["server", "ACK"],
    ["server", "FIN+ACK"],
    ["client", "ACK"],
  ] as const) {
    expect(connection[side](flags).ctState).toBe("ESTABLISHED");
    seen.push(/\d+ \w+/.exec(entry(machine))![0]);
  }
  expect(seen).toEqual(["120 FIN_WAIT", "60 CLOSE_WAIT", "30 LAST_ACK", "120 TIME_WAIT"]);
});

it("T-40: an RST removes an unreplied entry at once", async () => {
  const [machine, connection] = await begin();
  connection.client("SYN");
  connection.server("RST+ACK");
  expect(entry(machine)).toBe("gone");
});

it("T-40, T-43: a replied one becomes CLOSE, for 10 seconds", async () => {
  const [machine, connection] = await begin();
  connection.open().client("RST");
  expect(entry(machine)).toBe("10 CLOSE [ASSURED]");
});

it("T-40: an RST out of the window is not believed", async () => {
  const [machine, connection] = await begin();
  connection.open().client("PSH+ACK", "x");
  connection.server("ACK");
  const { client, server, clientPort, serverPort } = TELNET;
  const forged = { src: server, dst: client, sport: serverPort, dport: clientPort, flags: "RST", seq: 1 };
  expect(machine.send(tcp(forged)).ctState).toBe("INVALID");
  expect(entry(machine)).toBe("432000 ESTABLISHED [ASSURED]");
});

it("T-41, T-42: after its close a connection is in TIME_WAIT for two minutes, and late packets are ESTABLISHED", async () => {
  const [machine, connection] = await begin();
  connection.open().client("FIN+ACK");
  connection.server("FIN+ACK");
  connection.client("ACK");
  expect(entry(machine)).toBe("120 TIME_WAIT [ASSURED]");
  machine.wait(119);
  expect(connection.server("ACK").ctState).toBe("ESTABLISHED");
  machine.wait(121);
  expect(entry(machine)).toBe("gone");
});

it("T-44: all of these are in seconds and can be changed", async () => {
  const [machine, connection] = await begin({ nf_conntrack_tcp_timeout_syn_sent: 5 });
  connection.client("SYN");
  expect(entry(machine)).toBe("5 SYN_SENT [UNREPLIED]");
  machine.wait(6);
  expect(entry(machine)).toBe("gone");
});

it("T-45: flags do matter: a segment without any is INVALID, a bare ACK is NEW", async () => {
  const [, connection] = await begin();
  expect(connection.client("NONE").ctState).toBe("INVALID");
  expect(connection.client("ACK").ctState).toBe("NEW");
});

it("T-46: with nf_conntrack_tcp_loose=0 a NEW that is no SYN is INVALID, and passes unless a rule drops it", async () => {
  const [machine, connection] = await begin({ nf_conntrack_tcp_loose: 0 });
  expect(connection.client("ACK")).toMatchObject({ ctState: "INVALID", verdict: "ACCEPT" });
  expect(entry(machine)).toBe("gone");
});

it("T-47: windows are tracked without any patch", async () => {
  const [machine, connection] = await begin();
  connection.open();
  const { client, server, clientPort, serverPort } = TELNET;
  const beyond = tcp({
    src: client,
    dst: server,
    sport: clientPort,
    dport: serverPort,
    flags: "ACK",
    seq: 10_000_000,
    ack: 5001,
  });
  expect(machine.send(beyond)).toMatchObject({ ctState: "INVALID", reason: "TCP_SEQ_OVER" });
});

it.each([
  ["syn_sent", 120],
  ["syn_recv", 60],
  ["established", 432_000],
  ["fin_wait", 120],
  ["close_wait", 60],
  ["last_ack", 30],
  ["time_wait", 120],
  ["close", 10],
])("the table of internal states: %s is %i s", async (state, seconds) => {
  const { ct } = await Machine.create();
  expect(ct.getSysctl(`nf_conntrack_tcp_timeout_${state}`)).toBe(seconds);
});

it("the table of internal states: there is no LISTEN; two SYNs that cross are SYN_SENT2 for 120 s", async () => {
  const [machine, connection] = await begin();
  connection.client("SYN");
  connection.server("SYN");
  expect(entry(machine)).toBe("120 SYN_SENT2");
});
