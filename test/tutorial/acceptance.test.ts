/** What somebody who knows the table of connections from a Linux router looks at first. */
import { describe, expect, it } from "vitest";
import { icmp, tcp } from "../../src/packet/index.js";
import { Machine } from "./machine.js";

const CLIENT = "192.168.1.5";
const SERVER = "192.168.1.35";
const WEB = { client: CLIENT, server: SERVER, clientPort: 40000, serverPort: 80 };

describe("an entry of the table", () => {
  it("says in its columns: family, protocol, seconds, state, both tuples, marks, mark, zone, references", async () => {
    const machine = await Machine.create({ nf_conntrack_acct: 1, nf_conntrack_timestamp: 1 });
    machine.connection(WEB).open();
    machine.wait(7);
    const [line] = machine.lines();
    expect(line!.trim().split(/\s+/)).toEqual([
      ...["ipv4", "2", "tcp", "6", "431993", "ESTABLISHED"],
      ...["src=192.168.1.5", "dst=192.168.1.35", "sport=40000", "dport=80", "packets=2", "bytes=80"],
      ...["src=192.168.1.35", "dst=192.168.1.5", "sport=80", "dport=40000", "packets=1", "bytes=40"],
      ...["[ASSURED]", "mark=0", "zone=0", "delta-time=7", "use=2"],
    ]);
  });

  it("counts its seconds down, and traffic refreshes them", async () => {
    const machine = await Machine.create();
    const exchange = machine.datagrams(WEB);
    exchange.client();
    const seconds = () => Number(/ 17 (\d+) /.exec(machine.lines()[0]!)![1]);
    const seen = [seconds()];
    for (let i = 0; i < 3; i++) {
      machine.wait(1);
      seen.push(seconds());
    }
    exchange.client();
    seen.push(seconds());
    expect(seen).toEqual([30, 29, 28, 27, 30]);
  });

  it("is [UNREPLIED] until there is an answer", async () => {
    const machine = await Machine.create();
    const exchange = machine.datagrams(WEB);
    exchange.client();
    expect(machine.lines()[0]).toContain("[UNREPLIED]");
    exchange.server();
    expect(machine.lines()[0]).not.toContain("[UNREPLIED]");
  });

  it("is [ASSURED] once the connection is known to be one", async () => {
    const machine = await Machine.create();
    const connection = machine.connection(WEB);
    connection.client("SYN");
    connection.server("SYN+ACK");
    expect(machine.lines()[0]).not.toContain("[ASSURED]");
    connection.client("ACK");
    expect(machine.lines()[0]).toContain("[ASSURED]");
  });
});

describe("a full table", () => {
  it("has 65536 entries by default", async () => {
    const { ct } = await Machine.create();
    expect(ct.getSysctl("nf_conntrack_max")).toBe(65536);
  });

  it("evicts entries without [ASSURED] for new ones", async () => {
    const machine = await Machine.create({ nf_conntrack_max: 1000, nf_conntrack_buckets: 512 });
    machine.connection(WEB).open();
    for (let i = 0; i < 999; i++) machine.datagrams({ ...WEB, clientPort: i }).client();
    machine.events();
    for (let i = 1000; i < 1010; i++) {
      expect(machine.datagrams({ ...WEB, clientPort: i }).client().ctState).toBe("NEW");
    }
    const ended = machine.events().filter(({ kind }) => kind === "DESTROY");
    expect(ended.length).toBeGreaterThanOrEqual(10);
    expect(ended.every((event) => event.kind === "DESTROY" && event.protocol === "udp")).toBe(true);
    expect([...machine.ct.flows({ assured: true })].length).toBe(1);
  });

  it('drops what finds no room, and says "table full, dropping packet"', async () => {
    const machine = await Machine.create({ nf_conntrack_max: 10 });
    for (let i = 0; i < 10; i++) machine.connection({ ...WEB, clientPort: 40000 + i }).open();
    const refused = machine.datagrams(WEB).client();
    expect(refused).toMatchObject({ verdict: "DROP", reason: "TABLE_FULL" });
    expect(refused.explain()).toContain("table full, dropping packet");
    const [entry] = machine.ct.drainLog();
    expect(entry!.text).toMatch(/^nf_conntrack: nf_conntrack: table full in netns \d+, dropping packet$/);
    // Those that have an entry go on.
    expect(machine.connection(WEB).client("ACK").verdict).toBe("ACCEPT");
  });
});

describe("a packet", () => {
  it("is NEW when it opens a connection", async () => {
    const machine = await Machine.create();
    expect(machine.connection(WEB).client("SYN").ctState).toBe("NEW");
  });

  it("is ESTABLISHED when the connection has gone both ways", async () => {
    const machine = await Machine.create();
    const connection = machine.connection(WEB);
    connection.client("SYN");
    expect(connection.server("SYN+ACK").ctState).toBe("ESTABLISHED");
  });

  it("is RELATED when it is FTP data that its control connection has announced", async () => {
    const machine = await Machine.create();
    machine.ct.addHelper({ name: "ftp" });
    const control = machine.connection({ ...WEB, serverPort: 21 }).open();
    control.server("PSH+ACK", "220 hello\r\n");
    control.client("PSH+ACK", "PASV\r\n");
    control.server("PSH+ACK", "227 Entering Passive Mode (192,168,1,35,4,1)\r\n");
    const data = machine.connection({ ...WEB, serverPort: 1025 });
    const result = data.client("SYN");
    expect(result.ctState).toBe("RELATED");
    expect(result.flow?.master?.original.dport).toBe(21);
  });

  it("is RELATED when it is a DCC connection that IRC has announced", async () => {
    const machine = await Machine.create();
    machine.ct.addHelper({ name: "irc" });
    const chat = machine.connection({ ...WEB, serverPort: 6667 }).open();
    chat.client("PSH+ACK", "PRIVMSG friend :\u0001DCC CHAT chat 3232235781 5000\u0001\r\n");
    const friend = tcp({ src: "203.0.113.7", dst: CLIENT, sport: 1, dport: 5000, flags: "SYN" });
    expect(machine.send(friend).ctState).toBe("RELATED");
  });

  it("is RELATED when it is an ICMP error about a connection", async () => {
    const machine = await Machine.create();
    const connection = machine.connection(WEB);
    const syn = connection.segment("client", "SYN");
    machine.send(syn);
    expect(machine.complain(syn, "192.168.1.254", "host-unreachable").ctState).toBe("RELATED");
  });

  it("is INVALID when it is an ICMP error about nothing that is known, and leaves nothing in the table", async () => {
    const machine = await Machine.create();
    const connection = machine.connection(WEB);
    const never = connection.segment("client", "SYN");
    expect(machine.complain(never, "192.168.1.254", "host-unreachable").ctState).toBe("INVALID");
    expect(machine.send(icmp({ src: SERVER, dst: CLIENT, type: "echo-reply" })).ctState).toBe("INVALID");
    expect(machine.lines()).toEqual([]);
    expect(machine.ct.memory().flows).toBe(0);
    expect(machine.ct.stats()).toMatchObject({ error: 1, invalid: 1 });
  });
});
