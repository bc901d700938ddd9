/** The tutorial on where tracking happens, on the raw table, and on the way through tables (T-4, T-6, T-28, T-80 to T-82 and its traversal chapter). */
import { describe, expect, it } from "vitest";
import { Firewall } from "../../src/index.js";
import { icmpError, tcp, udp } from "../../src/packet/index.js";

const CLIENT = "10.1.0.5";
const SERVER = "203.0.113.35";
const ROUTER = { lan: "10.1.0.1", wan: "198.51.100.1" };

function machine(rules: string): Promise<Firewall> {
  return Firewall.fromIptablesSave(
    { ipv4: rules },
    {
      interfaces: { lan: [`${ROUTER.lan}/16`], wan: [`${ROUTER.wan}/24`] },
      routes: [{ to: "default", dev: "wan" }],
    },
  );
}

/** Tables with their rules, all built-in chains accepting. */
function tables(rules: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(rules)
    .map(([table, lines]) => {
      const chains = new Set(lines.map((line) => line.split(" ")[1]));
      const policies = [...chains].map((chain) => `:${chain} ACCEPT [0:0]`);
      return [`*${table}`, ...policies, ...lines, "COMMIT", ""].join("\n");
    })
    .join("");
}

const query = udp({ src: CLIENT, dst: SERVER, sport: 1025, dport: 53, payload: "?" });
const answer = udp({ src: SERVER, dst: CLIENT, sport: 53, dport: 1025, payload: "!" });
const syn = tcp({ src: CLIENT, dst: SERVER, sport: 1031, dport: 23, flags: "SYN" });

/** A rule that finds the mark of the step before and sets its own: the last mark tells that the order is this one. */
const step = (chain: string, number: number) =>
  `-A ${chain} -m mark --mark ${number - 1} -j MARK --set-xmark ${number}/0xffffffff`;

it("T-4: tracking happens in PREROUTING, and for what this machine sends in OUTPUT", async () => {
  const fw = await machine(
    tables({
      mangle: [
        "-A PREROUTING -m conntrack --ctstate NEW -j MARK --set-xmark 1/0xffffffff",
        "-A OUTPUT -m conntrack --ctstate NEW -j MARK --set-xmark 2/0xffffffff",
      ],
    }),
  );
  expect(fw.process(query, { time: 0, in: "lan" }).mark).toBe(1);
  const own = udp({ src: ROUTER.wan, dst: SERVER, sport: 1, dport: 53 });
  expect(fw.process(own, { time: 0, local: true }).mark).toBe(2);
});

it("T-6: not in the nat table but before mangle and behind raw, which sees no state", async () => {
  const fw = await machine(
    tables({
      raw: ["-A PREROUTING -m conntrack --ctstate NEW -j DROP"],
      mangle: ["-A PREROUTING -m conntrack --ctstate NEW -j MARK --set-xmark 7/0xffffffff"],
    }),
  );
  expect(fw.process(query, { time: 0, in: "lan" })).toMatchObject({
    verdict: "ACCEPT",
    mark: 7,
    ctState: "NEW",
  });
});

it("T-46: with nf_conntrack_tcp_loose=0, dropping what is INVALID keeps connections out that nobody saw begin", async () => {
  const fw = await machine(tables({ filter: ["-A FORWARD -m conntrack --ctstate INVALID -j DROP"] }));
  const ack = tcp({ src: CLIENT, dst: SERVER, sport: 1031, dport: 23, flags: "ACK", seq: 1, ack: 1 });
  expect(fw.process(ack, { time: 0, in: "lan" })).toMatchObject({ verdict: "ACCEPT", ctState: "NEW" });
  fw.conntrack.flush();
  fw.conntrack.setSysctl("nf_conntrack_tcp_loose", 0);
  expect(fw.process(ack, { time: 0, in: "lan" })).toMatchObject({ verdict: "DROP", ctState: "INVALID" });
});

describe("untracked connections", () => {
  it.each(["NOTRACK", "CT --notrack"])(
    "T-28, T-82: -j %s in raw makes a packet UNTRACKED",
    async (target) => {
      const fw = await machine(tables({ raw: [`-A PREROUTING -p udp -j ${target}`] }));
      expect(fw.process(query, { time: 0, in: "lan" }).ctState).toBe("UNTRACKED");
      expect(fw.conntrack.procNetNfConntrack()).toBe("");
    },
  );

  it("T-80: that holds for the packet, not for its connection", async () => {
    const fw = await machine(tables({ raw: ["-A PREROUTING -i lan -p udp -j NOTRACK"] }));
    expect(fw.process(query, { time: 0, in: "lan" }).ctState).toBe("UNTRACKED");
    // Nobody knows what the answer answers.
    expect(fw.process(answer, { time: 0, in: "wan" }).ctState).toBe("NEW");
  });

  it("T-81: errors about untracked packets are INVALID, and such packets are not translated", async () => {
    const fw = await machine(
      tables({
        raw: ["-A PREROUTING -p udp -j NOTRACK"],
        nat: [`-A POSTROUTING -o wan -j SNAT --to-source ${ROUTER.wan}`],
      }),
    );
    const [sent] = fw.process(query, { time: 0, in: "lan" }).packets;
    expect([...sent!.subarray(12, 16)]).toEqual([10, 1, 0, 5]);
    const error = icmpError(query, { src: "198.51.100.254", error: "port-unreachable" });
    expect(fw.process(error, { time: 0, in: "wan" }).ctState).toBe("INVALID");
  });

  it("T-81: and no helper reads them", async () => {
    const request = udp({
      src: CLIENT,
      dst: SERVER,
      sport: 3000,
      dport: 69,
      payload: [0, 1, 0x66, 0, 0x6f, 0],
    });
    const helped = "-A PREROUTING -p udp -m udp --dport 69 -j CT --helper tftp";
    for (const [rules, expected] of [
      [[helped], true],
      [["-A PREROUTING -p udp -j NOTRACK", helped], false],
    ] as const) {
      const fw = await machine(tables({ raw: rules }));
      fw.process(request, { time: 0, in: "lan" });
      expect(fw.conntrack.procNetNfConntrackExpect() !== "").toBe(expected);
    }
  });
});

describe("the way of a packet", () => {
  it("to this machine: raw, tracking, mangle, nat of PREROUTING, then mangle, filter, security, nat of INPUT", async () => {
    const fw = await machine(
      tables({
        raw: [step("PREROUTING", 1)],
        mangle: [step("PREROUTING", 2), step("INPUT", 4)],
        nat: [step("PREROUTING", 3), step("INPUT", 7)],
        filter: [step("INPUT", 5)],
        security: [step("INPUT", 6)],
      }),
    );
    const packet = udp({ src: CLIENT, dst: ROUTER.lan, sport: 1, dport: 2 });
    expect(fw.process(packet, { time: 0, in: "lan" })).toMatchObject({
      mark: 7,
      path: ["PREROUTING", "INPUT"],
    });
  });

  it("from this machine: raw, tracking, mangle, nat, filter of OUTPUT, then mangle, nat of POSTROUTING", async () => {
    const fw = await machine(
      tables({
        raw: [step("OUTPUT", 1)],
        mangle: [step("OUTPUT", 2), step("POSTROUTING", 6)],
        nat: [step("OUTPUT", 3), step("POSTROUTING", 7)],
        filter: [step("OUTPUT", 4)],
        security: [step("OUTPUT", 5)],
      }),
    );
    const packet = udp({ src: ROUTER.wan, dst: SERVER, sport: 1, dport: 2 });
    expect(fw.process(packet, { time: 0, local: true })).toMatchObject({
      mark: 7,
      path: ["OUTPUT", "POSTROUTING"],
      out: "wan",
    });
  });

  it("through it: raw, tracking, mangle, nat, then mangle, filter of FORWARD, then mangle, nat of POSTROUTING", async () => {
    const fw = await machine(
      tables({
        raw: [step("PREROUTING", 1)],
        mangle: [step("PREROUTING", 2), step("FORWARD", 4), step("POSTROUTING", 7)],
        nat: [step("PREROUTING", 3), step("POSTROUTING", 8)],
        filter: [step("FORWARD", 5)],
        security: [step("FORWARD", 6)],
      }),
    );
    expect(fw.process(syn, { time: 0, in: "lan" })).toMatchObject({
      mark: 8,
      path: ["PREROUTING", "FORWARD", "POSTROUTING"],
      out: "wan",
    });
  });

  it("the nat table sees the first packets of a flow only", async () => {
    const fw = await machine(tables({ nat: ["-A PREROUTING -j MARK --set-xmark 1/0xffffffff"] }));
    const marks = [
      [query, "lan"],
      [answer, "wan"],
      [query, "lan"],
    ].map(([packet, device]) => fw.process(packet as Uint8Array, { time: 0, in: device as string }).mark);
    expect(marks).toEqual([1, 0, 0]);
  });
});
