import { describe, expect, it } from "vitest";
import { Status } from "../../assembly/shared/status.js";
import { Firewall } from "../../src/firewall.js";
import { dissect, icmpError, tcp, udp } from "../../src/packet/index.js";

const NETWORK = {
  interfaces: { lan0: ["10.1.0.1/16"], wan0: ["198.51.100.1/24"], dsl0: ["192.0.2.1/24"] },
  routes: [{ to: "default", dev: "wan0" }],
};

function table(...rules: readonly string[]): string {
  const chains = ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"].map((name) => `:${name} ACCEPT [0:0]`);
  return ["*nat", ...chains, ...rules, "COMMIT", ""].join("\n");
}

const router = (...rules: readonly string[]) => Firewall.fromIptablesSave({ ipv4: table(...rules) }, NETWORK);

const question = (client: string, { sport = 5000, dport = 53, server = "203.0.113.10" } = {}) =>
  udp({ src: client, dst: server, sport, dport, payload: "?" });

/** The ends of the packet that leaves. */
function left(firewall: Firewall, packet: Uint8Array, from = "lan0", time = 0): string | undefined {
  const [out] = firewall.process(packet, { time, in: from }).packets;
  const ends = out && dissect(out);
  return ends && `${ends.src}:${ends.sport} > ${ends.dst}:${ends.dport}`;
}

describe("MASQUERADE", () => {
  const rules = ["-A POSTROUTING -o wan0 -j MASQUERADE", "-A POSTROUTING -o dsl0 -j MASQUERADE"];

  it("gives packets the address of the device that they leave by", async () => {
    const firewall = await router(...rules);
    expect(left(firewall, question("10.1.0.2"))).toBe("198.51.100.1:5000 > 203.0.113.10:53");
    expect(left(firewall, question("10.1.0.2", { server: "192.0.2.7" }))).toBe(
      "192.0.2.1:5000 > 192.0.2.7:53",
    );
  });

  it("keeps a socket's port towards different servers, and changes one that another client has", async () => {
    const firewall = await router(...rules);
    expect(left(firewall, question("10.1.0.2"))).toBe("198.51.100.1:5000 > 203.0.113.10:53");
    expect(left(firewall, question("10.1.0.2", { server: "203.0.113.11" }))).toBe(
      "198.51.100.1:5000 > 203.0.113.11:53",
    );
    const other = left(firewall, question("10.1.0.3"));
    const [, port] = /^198\.51\.100\.1:(\d+) > 203\.0\.113\.10:53$/.exec(other ?? "") ?? [];
    expect(Number(port)).toBeGreaterThanOrEqual(1024);
    expect(port).not.toBe("5000");
    // And towards another server, where it would be free, that client keeps the port that it has got.
    expect(left(firewall, question("10.1.0.3", { server: "203.0.113.12" }))).toBe(
      `198.51.100.1:${port} > 203.0.113.12:53`,
    );
  });

  it("takes a system port from its class", async () => {
    const firewall = await router(...rules);
    const portOf = (client: string, sport: number) =>
      Number(/:(\d+) >/.exec(left(firewall, question(client, { sport })) ?? "")?.[1]);
    expect(portOf("10.1.0.2", 400)).toBe(400);
    expect(portOf("10.1.0.2", 700)).toBe(700);
    expect(portOf("10.1.0.3", 400)).toBeLessThan(512);
    const high = portOf("10.1.0.3", 700);
    expect(high).toBeGreaterThanOrEqual(600);
    expect(high).toBeLessThan(1024);
  });

  it("ends with the address", async () => {
    const firewall = await router(...rules);
    left(firewall, question("10.1.0.2"));
    left(firewall, question("10.1.0.2", { server: "192.0.2.7" }));
    firewall.replaceNetwork({
      ...NETWORK,
      interfaces: { ...NETWORK.interfaces, wan0: ["198.51.100.2/24"] },
    });
    expect([...firewall.conntrack.flows()].map((flow) => flow.reply.dst)).toEqual(["192.0.2.1"]);
    expect(left(firewall, question("10.1.0.2"))).toBe("198.51.100.2:5000 > 203.0.113.10:53");
  });

  it("ends with the device, and not with another address of it", async () => {
    const firewall = await router(...rules);
    left(firewall, question("10.1.0.2"));
    const more = { ...NETWORK.interfaces, wan0: ["198.51.100.1/24", "198.51.100.5/24"] };
    firewall.replaceNetwork({ ...NETWORK, interfaces: more });
    firewall.replaceNetwork(NETWORK);
    expect([...firewall.conntrack.flows()].length).toBe(1);
    const { wan0: _, ...rest } = NETWORK.interfaces;
    firewall.replaceNetwork({ interfaces: rest, routes: [{ to: "default", dev: "dsl0" }] });
    expect([...firewall.conntrack.flows()].length).toBe(0);
  });

  it("ends when the packet's way leads to another device", async () => {
    const firewall = await router(...rules);
    left(firewall, question("10.1.0.2"));
    firewall.replaceNetwork({ ...NETWORK, routes: [{ to: "default", dev: "dsl0" }] });
    const result = firewall.process(question("10.1.0.2"), { time: 1, in: "lan0" });
    expect([result.verdict, result.reason]).toEqual(["DROP", "NAT_DEVICE"]);
    expect([...firewall.conntrack.flows()].length).toBe(0);
    expect(left(firewall, question("10.1.0.2"))).toBe("192.0.2.1:5000 > 203.0.113.10:53");
  });

  it("finds no address where there is none", async () => {
    const firewall = await Firewall.fromIptablesSave(
      { ipv4: table("-A POSTROUTING -j MASQUERADE") },
      { interfaces: { lan0: [], wan0: [] }, routes: [{ to: "default", dev: "wan0" }] },
    );
    const result = firewall.process(question("10.1.0.2"), { time: 0, in: "lan0" });
    expect([result.verdict, result.reason]).toEqual(["DROP", "NAT_NO_ADDRESS"]);
    expect([...firewall.conntrack.flows()].length).toBe(0);
  });
});

describe("a range of ports that are all taken", () => {
  const SNAT = "-A POSTROUTING -o wan0 -p tcp -j SNAT --to-source 198.51.100.1:5000-5000";
  const forth = { src: "10.1.0.2", dst: "203.0.113.10", sport: 4000, dport: 80 };
  const back = { src: "203.0.113.10", dst: "198.51.100.1", sport: 80, dport: 5000 };
  const other = tcp({ ...forth, src: "10.1.0.3", flags: "SYN", seq: 5000 });

  /** A connection that has the port. `closed`: by both ends. */
  async function holding(closed: boolean): Promise<Firewall> {
    const firewall = await router(SNAT);
    left(firewall, tcp({ ...forth, flags: "SYN", seq: 1 }));
    left(firewall, tcp({ ...back, flags: "SYN,ACK", seq: 100, ack: 2 }), "wan0");
    left(firewall, tcp({ ...forth, flags: "ACK", seq: 2, ack: 101 }));
    if (!closed) return firewall;
    left(firewall, tcp({ ...forth, flags: "FIN,ACK", seq: 2, ack: 101 }));
    left(firewall, tcp({ ...back, flags: "FIN,ACK", seq: 101, ack: 3 }), "wan0");
    left(firewall, tcp({ ...forth, flags: "ACK", seq: 3, ack: 102 }));
    return firewall;
  }

  it("gives a new connection the port of one that is over", async () => {
    const firewall = await holding(true);
    expect(left(firewall, other)).toBe("198.51.100.1:5000 > 203.0.113.10:80");
    expect([...firewall.conntrack.flows()].map(({ original }) => original.src)).toEqual(["10.1.0.3"]);
  });

  it("does not where that is not over, or somebody wants it to stay", async () => {
    expect(left(await holding(false), other)).toBeUndefined();
    const firewall = await holding(true);
    firewall.conntrack.update({ src: "10.1.0.2" }, { status: Status.FIXED_TIMEOUT });
    expect(left(firewall, other)).toBeUndefined();
  });
});

describe("DNAT", () => {
  it("leads to one server, and its answers come from where the client has sent to", async () => {
    const firewall = await router(
      "-A PREROUTING -d 198.51.100.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.80:8080",
    );
    const syn = tcp({
      src: "203.0.113.9",
      dst: "198.51.100.1",
      sport: 4000,
      dport: 80,
      flags: "SYN",
      seq: 1,
    });
    expect(left(firewall, syn, "wan0")).toBe("203.0.113.9:4000 > 10.1.0.80:8080");
    const answer = { src: "10.1.0.80", dst: "203.0.113.9", sport: 8080, dport: 4000 };
    const ack = tcp({ ...answer, flags: "SYN,ACK", seq: 9, ack: 2 });
    expect(left(firewall, ack, "lan0")).toBe("198.51.100.1:80 > 203.0.113.9:4000");
  });

  it("spreads clients over a range of addresses, each to the same one again", async () => {
    const firewall = await router(
      "-A PREROUTING -j DNAT --to-destination 203.0.113.20-203.0.113.23 --persistent",
    );
    const serverOf = (client: number, sport: number) =>
      /> ([\d.]+):/.exec(left(firewall, question(`10.1.0.${client}`, { sport })) ?? "")?.[1];
    const servers = Array.from({ length: 40 }, (_, client) => serverOf(client + 2, 5000));
    expect(new Set(servers).size).toBe(4);
    expect(Array.from({ length: 40 }, (_, client) => serverOf(client + 2, 5001))).toEqual(servers);
  });

  it("shifts a range of ports", async () => {
    const firewall = await router(
      "-A PREROUTING -p udp -m udp --dport 5000:5010 -j DNAT --to-destination 203.0.113.20:7000-7010/5000",
    );
    expect(left(firewall, question("10.1.0.2", { dport: 5003 }))).toBe("10.1.0.2:5000 > 203.0.113.20:7003");
  });
});

describe("NETMAP", () => {
  it("keeps the host's bits", async () => {
    const firewall = await router("-A POSTROUTING -s 10.1.0.0/16 -j NETMAP --to 198.18.0.0/16");
    expect(left(firewall, question("10.1.7.9"))).toBe("198.18.7.9:5000 > 203.0.113.10:53");
  });
});

describe("a flow that no rule translates", () => {
  it("gives way when its answers would be another flow's", async () => {
    const firewall = await router("-A POSTROUTING -s 10.1.0.2/32 -j SNAT --to-source 10.1.0.60");
    expect(left(firewall, question("10.1.0.2"))).toBe("10.1.0.60:5000 > 203.0.113.10:53");
    expect(left(firewall, question("10.1.0.60"))).toMatch(/^10\.1\.0\.60:(?!5000 )\d+ > 203\.0\.113\.10:53$/);
  });
});

describe("ICMP redirects", () => {
  it("about translated flows are dropped", async () => {
    const firewall = await router("-A POSTROUTING -o wan0 -j MASQUERADE");
    const [out] = firewall.process(question("10.1.0.2"), { time: 0, in: "lan0" }).packets;
    const redirect = icmpError(out as Uint8Array, { src: "203.0.113.254", error: "redirect" });
    const result = firewall.process(redirect, { time: 1, in: "wan0" });
    expect([result.verdict, result.reason]).toEqual(["DROP", "NAT_ICMP_ERROR"]);
  });
});
