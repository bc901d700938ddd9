/** Going back in time: what comes then is what came before. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type Batch, Conntrack, Firewall } from "../../src/index.js";
import { udp } from "../../src/packet/index.js";
import { type CapturedPacket, LinkType, readCapture } from "../../src/pcap/index.js";

const link = LinkType.ETHERNET;
const rules = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m limit --limit 2/second --limit-burst 3 -j RETURN
-A FORWARD -m recent --update --seconds 5 --name SEEN --rsource -j DROP
-A FORWARD -p udp -m recent --set --name SEEN --rsource
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
`;
const network = {
  interfaces: { lan: ["10.1.0.254/24"], wan: ["192.0.2.254/24"] },
  routes: [{ to: "default", dev: "wan" }],
};

let packets: CapturedPacket[];

beforeAll(async () => {
  packets = [];
  const lab = readFileSync(new URL("../captures/lab.pcap", import.meta.url));
  for await (const packet of readCapture(lab)) packets.push(packet);
});

/** All that can be seen of it. */
function stateOf(conntrack: Conntrack): unknown {
  return {
    flows: [...conntrack.flows()].map((flow) => `${flow.id} ${flow.line()}`),
    expectations: conntrack.procNetNfConntrackExpect(),
    stats: conntrack.stats(),
    sysctls: conntrack.sysctls(),
    fragments: conntrack.memory().fragmentBytes,
  };
}

describe("a Conntrack", () => {
  it("is, after each step and each way back, what it was there", async () => {
    const conntrack = await Conntrack.create({ sysctl: { nf_conntrack_udp_timeout: 1 } });
    for (const name of ["ftp", "tftp", "sip"]) conntrack.addHelper({ name });
    const step = Math.ceil(packets.length / 12);
    const trackFrom = (first: number) => {
      for (const { bytes, time } of packets.slice(first, first + step))
        conntrack.track(bytes, { time, link });
      return stateOf(conntrack);
    };
    const moments: { at: ReturnType<Conntrack["checkpoint"]>; before: unknown; after: unknown }[] = [];
    for (let first = 0; first < packets.length; first += step) {
      const at = conntrack.checkpoint();
      moments.push({ at, before: stateOf(conntrack), after: trackFrom(first) });
    }
    for (const i of [7, 2, 11, 0, 5, 5, 10]) {
      const { at, before, after } = moments[i]!;
      conntrack.expire({ time: packets.at(-1)!.time + 1000 });
      conntrack.rewind(at);
      expect(stateOf(conntrack)).toEqual(before);
      expect(trackFrom(i * step)).toEqual(after);
    }
  });

  it("forgets settings, events and memory of later", async () => {
    const conntrack = await Conntrack.create();
    const send = (sport: number) =>
      conntrack.track(udp({ src: "10.0.0.1", dst: "10.0.0.2", sport, dport: 53 }), { time: 1000 });
    send(1);
    const then = conntrack.checkpoint();
    conntrack.setSysctl("nf_conntrack_udp_timeout", 7);
    for (let port = 2; port < 60_000; port++) send(port);
    conntrack.rewind(then);
    expect(conntrack.getSysctl("nf_conntrack_udp_timeout")).toBe(30);
    expect(conntrack.memory().flows).toBe(1);
    expect(conntrack.drainEvents()).toHaveLength(1);
    for (let port = 2; port < 1000; port++) send(port);
    expect(conntrack.memory().flows).toBe(999);
    expect(then.bytes).toBeGreaterThan(0);
  });

  it("refuses what would lead nowhere", async () => {
    const conntrack = await Conntrack.create();
    const then = conntrack.checkpoint();
    const other = await Conntrack.create();
    expect(() => other.rewind(then)).toThrow(/another Conntrack/);
    const batch: Batch = conntrack.createBatch(64);
    expect(() => conntrack.rewind(then)).toThrow(/batches, .* have been added/);
    const since = conntrack.checkpoint();
    batch.push(udp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 }), 5);
    conntrack.trackBatch(batch);
    conntrack.rewind(since);
    expect(conntrack.memory().flows).toBe(0);
    for (const change of [
      () => conntrack.addHelper({ name: "ftp" }),
      () => conntrack.addTimeoutPolicy("short", { protocol: "udp", timeouts: { unreplied: 3 } }),
    ]) {
      const before = conntrack.checkpoint();
      change();
      expect(() => conntrack.rewind(before)).toThrow(/CT_BAD_OPTION|have been added/);
    }
  });
});

describe("a Firewall", () => {
  it("counts, limits and remembers as it did", async () => {
    const firewall = await Firewall.fromIptablesSave({ ipv4: rules }, network);
    const { conntrack } = firewall;
    const trackFrom = (first: number, count: number) => {
      const verdicts = packets
        .slice(first, first + count)
        .map(({ bytes, time }) => firewall.process(bytes, { time, link, in: "lan" }).verdict);
      return { verdicts, state: stateOf(conntrack), rules: firewall.save({ counters: true }) };
    };
    const half = packets.length >> 1;
    trackFrom(0, half);
    const then = conntrack.checkpoint();
    const rest = trackFrom(half, half);
    expect(new Set(rest.verdicts).size).toBeGreaterThan(1);
    for (let i = 0; i < 2; i++) {
      conntrack.rewind(then);
      expect(trackFrom(half, half)).toEqual(rest);
    }
    firewall.replaceRules({});
    expect(() => conntrack.rewind(then)).toThrow(/have been added or replaced/);
    const without = conntrack.checkpoint();
    firewall.replaceNetwork(network);
    expect(() => conntrack.rewind(without)).toThrow(/have been added or replaced/);
  });
});
