/** The classic iptables tutorial on conntrack entries (claims T-10 to T-19), held against Linux 6.18. */
import { expect, it } from "vitest";
import { ConntrackError } from "../../src/index.js";
import { tcp } from "../../src/packet/index.js";
import { Machine } from "./machine.js";

const SSH = { client: "192.168.1.6", server: "192.168.1.9", clientPort: 32775, serverPort: 22 };

it("T-10: the file is nf_conntrack and has two more columns in front; ip_conntrack is there on request", async () => {
  const machine = await Machine.create();
  machine.connection(SSH).client("SYN");
  const tail =
    "tcp      6 120 SYN_SENT src=192.168.1.6 dst=192.168.1.9 sport=32775 dport=22 [UNREPLIED] " +
    "src=192.168.1.9 dst=192.168.1.6 sport=22 dport=32775 mark=0 ";
  expect(machine.lines()).toEqual([`ipv4     2 ${tail}zone=0 use=2`]);
  expect(machine.oldLines()).toEqual([`${tail}use=2`]);
});

it("T-10: ip_conntrack knows IPv4 alone", async () => {
  const machine = await Machine.create();
  machine.connection({ client: "2001:db8::1", server: "2001:db8::2" }).client("SYN");
  expect(machine.lines().length).toBe(1);
  expect(machine.oldLines()).toEqual([]);
});

it("T-11: the tutorial's example line, but for [ASSURED]: what is unreplied in SYN_SENT never is", async () => {
  const machine = await Machine.create();
  machine.connection(SSH).client("SYN");
  machine.wait(2.5);
  const [line] = machine.oldLines();
  expect(line).toMatch(
    /^tcp {6}6 117 SYN_SENT src=192\.168\.1\.6 dst=192\.168\.1\.9 sport=32775 dport=22 \[UNREPLIED\] src=192\.168\.1\.9 dst=192\.168\.1\.6 sport=22 dport=32775 mark=0 use=2$/,
  );
});

it("T-12: protocol and its number, seconds, state, original tuple, [UNREPLIED], the tuple expected in return", async () => {
  const machine = await Machine.create();
  machine.connection(SSH).client("SYN");
  const [flow] = [...machine.ct.flows()];
  expect(flow).toMatchObject({ protocol: "tcp", protocolNumber: 6, timeout: 120, state: "SYN_SENT" });
  expect(flow!.original).toEqual({ src: SSH.client, dst: SSH.server, sport: 32775, dport: 22 });
  expect(flow!.reply).toEqual({ src: SSH.server, dst: SSH.client, sport: 22, dport: 32775 });
  expect(flow!.seenReply).toBe(false);
});

it("T-13: the seconds count down, and traffic sets them back to the state's value", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams({ client: "192.168.1.2", server: "192.168.1.5" });
  const seconds = () => [...machine.ct.flows()][0]!.timeout;
  exchange.client();
  machine.wait(10);
  machine.lines();
  expect(seconds()).toBe(20);
  exchange.client();
  expect(seconds()).toBe(30);
});

it("T-13: but a repeated SYN does not", async () => {
  const machine = await Machine.create();
  const { client, server } = SSH;
  const syn = tcp({ src: client, dst: server, sport: 1, dport: 22, flags: "SYN", seq: 1 });
  machine.send(syn);
  machine.wait(10);
  expect(machine.send(syn).ctState).toBe("NEW");
  expect(machine.lines()[0]).toContain(" 110 SYN_SENT ");
});

it("T-14: [UNREPLIED] goes with the first reply, [ASSURED] comes with the end of the handshake", async () => {
  const machine = await Machine.create();
  const connection = machine.connection(SSH);
  connection.client("SYN");
  expect(machine.lines()[0]).toMatch(/\[UNREPLIED\].*(?<!\[ASSURED\] )mark/);
  connection.server("SYN+ACK");
  expect(machine.lines()[0]).not.toMatch(/UNREPLIED|ASSURED/);
  connection.client("ACK");
  expect(machine.lines()[0]).toMatch(/^(?!.*UNREPLIED).*\[ASSURED\]/);
});

it("T-14: UDP needs more than two seconds for it, ICMP never gets it", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams({ client: "192.168.1.2", server: "192.168.1.5" });
  const ping = machine.ping({ client: "192.168.1.2", server: "192.168.1.5" }, 7);
  const assured = () => [...machine.ct.flows({ assured: true })].map(({ protocol }) => protocol);
  const talk = () => {
    exchange.client();
    exchange.server();
    ping.request();
    ping.reply();
  };
  talk();
  talk();
  expect(assured()).toEqual([]);
  machine.wait(3);
  talk();
  expect(assured()).toEqual(["udp"]);
});

it("T-15: when the table is full, entries that are not assured make room; assured ones are kept", async () => {
  // As few buckets as there may be, so that a victim is found wherever a new flow falls.
  const machine = await Machine.create({ nf_conntrack_max: 1500, nf_conntrack_buckets: 512 });
  for (let i = 0; i < 300; i++) machine.connection({ ...SSH, clientPort: 1000 + i }).open();
  for (let i = 0; i < 3000; i++) {
    machine.datagrams({ client: "192.168.1.2", server: "192.168.1.5", clientPort: 1000 + i }).client();
  }
  expect(machine.ct.stats().early_drop).toBeGreaterThan(1000);
  expect([...machine.ct.flows({ assured: true })].length).toBe(300);
});

it("T-16: the greatest number of entries is 65536, as on machines with 1 to 4 GiB, and can be set", async () => {
  const machine = await Machine.create();
  expect(machine.ct.getSysctl("nf_conntrack_max")).toBe(65536);
  machine.ct.setSysctl("nf_conntrack_max", 262144);
  expect(machine.ct.getSysctl("nf_conntrack_max")).toBe(262144);
});

it("T-17: the setting is net.netfilter.nf_conntrack_max, alias net.nf_conntrack_max; the old name is gone", async () => {
  const { ct } = await Machine.create();
  ct.setSysctl("net.nf_conntrack_max", 5);
  expect(ct.getSysctl("net.netfilter.nf_conntrack_max")).toBe(5);
  expect(() => ct.getSysctl("net.ipv4.ip_conntrack_max")).toThrow(ConntrackError);
});

it("T-18: as many buckets as entries, unless somebody says otherwise", async () => {
  const { ct } = await Machine.create();
  expect(ct.getSysctl("nf_conntrack_buckets")).toBe(ct.getSysctl("nf_conntrack_max"));
  ct.setSysctl("nf_conntrack_buckets", 4096);
  expect(ct.getSysctl("nf_conntrack_max")).toBe(65536);
});

it("T-19: timeouts are set under net.netfilter.nf_conntrack_..., and hold from the next packet on", async () => {
  const machine = await Machine.create();
  const exchange = machine.datagrams({ client: "192.168.1.2", server: "192.168.1.5" });
  exchange.client();
  machine.ct.setSysctl("net.netfilter.nf_conntrack_udp_timeout", 17);
  expect([...machine.ct.flows()][0]!.timeout).toBe(30);
  exchange.client();
  expect([...machine.ct.flows()][0]!.timeout).toBe(17);
  expect(() => machine.ct.getSysctl("net.ipv4.netfilter.ip_ct_tcp_timeout_established")).toThrow();
});
