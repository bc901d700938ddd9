import { beforeEach, describe, expect, it } from "vitest";
import { Conntrack, Firewall } from "../../src/index.js";
import {
  ACK,
  grePacket,
  icmpPacket,
  ipPacket,
  SYN,
  sctpPacket,
  tcpPacket,
  udpPacket,
} from "../property/packet-builder.js";

const CLIENT = [10, 0, 0, 1];
const SERVER = [192, 0, 2, 1];

let ct: Conntrack;
beforeEach(async () => {
  ct = await Conntrack.create();
});

const timeouts = () => [...ct.flows()].map(({ timeout }) => timeout);

describe("a timeout policy", () => {
  it("holds for the flow that was begun with it, whatever its later packets bring", () => {
    ct.addTimeoutPolicy("short", { protocol: "tcp", timeouts: { syn_sent: 7, syn_recv: 8, established: 9 } });
    const send = (flags: number, seq: number, ack: number, timeoutPolicy?: string) =>
      ct.track(tcpPacket(CLIENT, SERVER, { sport: 1, dport: 80, flags, seq, ack }), {
        time: 0,
        ...(timeoutPolicy !== undefined && { timeoutPolicy }),
      });
    send(SYN, 100, 0, "short");
    expect(timeouts()).toEqual([7]);
    ct.track(tcpPacket(SERVER, CLIENT, { sport: 80, dport: 1, flags: SYN | ACK, seq: 500, ack: 101 }), {
      time: 0,
    });
    expect(timeouts()).toEqual([8]);
    send(ACK, 101, 501);
    expect(timeouts()).toEqual([9]);
  });

  it("leaves what it does not name as the sysctls were when it was made", () => {
    ct.setSysctl("nf_conntrack_udp_timeout_stream", 77);
    ct.addTimeoutPolicy("p", { protocol: "udp", timeouts: { unreplied: 5 } });
    ct.setSysctl("nf_conntrack_udp_timeout_stream", 99);
    const query = udpPacket(CLIENT, SERVER, 1, 53);
    ct.track(query, { time: 0, timeoutPolicy: "p" });
    expect(timeouts()).toEqual([5]);
    ct.track(udpPacket(SERVER, CLIENT, 53, 1), { time: 2500 });
    ct.track(query, { time: 2600 });
    expect(timeouts()).toEqual([77]);
  });

  it.each([
    ["icmp", icmpPacket(CLIENT, SERVER, 8, 0, 1), { timeout: 4 }],
    ["sctp", sctpPacket(CLIENT, SERVER, 1, 2, 1), { closed: 4 }],
    ["gre", grePacket(CLIENT, SERVER), { unreplied: 4 }],
    ["generic", ipPacket(CLIENT, SERVER, 89, [1, 2, 3, 4]), { timeout: 4 }],
  ] as const)("exists for %s", (protocol, packet, values) => {
    ct.addTimeoutPolicy("p", { protocol, timeouts: values });
    ct.track(packet, { time: 0, timeoutPolicy: "p" });
    expect(timeouts()).toEqual([4]);
  });

  it("can be changed, which its flows feel with their next packet", () => {
    const query = udpPacket(CLIENT, SERVER, 1, 53);
    ct.addTimeoutPolicy("p", { protocol: "udp", timeouts: { unreplied: 5 } });
    ct.track(query, { time: 0, timeoutPolicy: "p" });
    ct.addTimeoutPolicy("p", { protocol: "udp", timeouts: { unreplied: 50 } });
    ct.track(query, { time: 0 });
    expect(timeouts()).toEqual([50]);
  });

  it("is refused with what is wrong about it", () => {
    const add = (protocol: string, values: Record<string, number>) => () =>
      ct.addTimeoutPolicy("p", { protocol: protocol as "tcp", timeouts: values });
    expect(add("ospf", {})).toThrow(/protocol/);
    expect(add("udp", { established: 1 })).toThrow(/udp has no timeout established/);
    expect(add("udp", { replied: 0.5 })).toThrow(/replied/);
    add("udp", {})();
    expect(add("tcp", {})).toThrow(/udp already/);
    expect(() => ct.track(new Uint8Array(20), { time: 0, timeoutPolicy: "q" })).toThrow(/no such policy/);
  });

  it("is one of a bounded number", () => {
    const add = () => {
      for (let i = 0; i < 10_000; i++) ct.addTimeoutPolicy(`p${i}`, { protocol: "udp", timeouts: {} });
    };
    expect(add).toThrow(/one too many/);
  });

  it("is in a snapshot, with the flows that have it and their labels", async () => {
    const query = udpPacket(CLIENT, SERVER, 1, 53);
    ct.addTimeoutPolicy("first", { protocol: "tcp", timeouts: {} });
    ct.addTimeoutPolicy("p", { protocol: "udp", timeouts: { unreplied: 5 } });
    ct.track(query, { time: 0, timeoutPolicy: "p" });
    ct.update({}, { labels: [3, 90] });
    const again = await Conntrack.restore(ct.snapshot());
    again.track(query, { time: 1000 });
    expect([...again.flows()].map(({ timeout, labels }) => [timeout, labels])).toEqual([[5, [3, 90]]]);
    again.track(udpPacket(CLIENT, SERVER, 2, 53), { time: 1000, timeoutPolicy: "p" });
    expect([...again.flows()].map(({ timeout }) => timeout)).toEqual([5, 5]);
  });

  it("is given by -j CT --timeout to flows of its protocol", async () => {
    const rule = "-A PREROUTING -p udp -j CT --timeout p";
    const rules = { ipv4: ["*raw", ":PREROUTING ACCEPT [0:0]", rule, "COMMIT", ""].join("\n") };
    const network = { interfaces: { lan: ["10.0.0.254/8"] }, routes: [{ to: "default", dev: "lan" }] };
    const policies = { p: { protocol: "udp", timeouts: { unreplied: 6 } } } as const;
    const fw = await Firewall.fromIptablesSave(rules, { ...network, timeoutPolicies: policies });
    fw.process(udpPacket(CLIENT, SERVER, 1, 53), { time: 0, in: "lan" });
    expect([...fw.conntrack.flows()].map(({ timeout }) => timeout)).toEqual([6]);
    await expect(Firewall.fromIptablesSave(rules, network)).rejects.toThrow(/no timeout policy "p"/);
    const other = { p: { protocol: "tcp", timeouts: {} } } as const;
    await expect(Firewall.fromIptablesSave(rules, { ...network, timeoutPolicies: other })).rejects.toThrow(
      /"p"/,
    );
  });
});
