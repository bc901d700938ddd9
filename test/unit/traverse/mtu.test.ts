/** Packets longer than their device takes, against a recording of what Linux does with them (mtu.py). */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Firewall } from "../../../src/index.js";
import { icmpError, udp } from "../../../src/packet/index.js";

interface Case {
  readonly name: string;
  readonly mtu: number;
  readonly in: readonly string[];
  /** What the sender was told. */
  readonly back: readonly string[];
  readonly out: readonly string[];
}

const recording = gunzipSync(readFileSync(new URL("mtu.json.gz", import.meta.url)));
const { cases } = JSON.parse(recording.toString()) as { cases: Case[] };

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

async function router(mtu: number) {
  return Firewall.fromIptablesSave(
    {},
    {
      interfaces: {
        tun0: ["10.1.0.1/16", "2001:db8:1::1/64"],
        tun1: ["198.51.100.1/24", "2001:db8:2::1/64"],
      },
      routes: [{ to: "default", dev: "tun1" }],
      mtu: { tun1: mtu },
      icmpErrors: true,
    },
  );
}

/** Without what the kernel draws: ids of its own IPv4 packets and of IPv6 fragments, flow labels of its own packets. */
function comparable(packet: Uint8Array): string {
  const copy = packet.slice();
  if ((copy[0] as number) >> 4 === 4 && copy[9] === 1) copy.fill(0, 4, 6).fill(0, 10, 12);
  if ((copy[0] as number) >> 4 === 6 && copy[6] === 44) copy.fill(0, 44, 48);
  if ((copy[0] as number) >> 4 === 6 && copy[6] === 58) copy.fill(0, 1, 4);
  return Buffer.from(copy).toString("hex");
}

describe("a packet longer than its device takes", () => {
  it.each(cases)("as Linux has it: $name", async ({ mtu, in: arriving, back, out }) => {
    const firewall = await router(mtu);
    const results = arriving.map((packet) => firewall.process(bytes(packet), { time: 0, in: "tun0" }));
    const left = results.filter(({ out: device }) => device === "tun1").flatMap(({ packets }) => packets);
    expect(left.map(comparable)).toEqual(out.map(bytes).map(comparable));
    const replies = results.flatMap((result) => result.replies);
    expect(replies.map(({ packet }) => comparable(packet))).toEqual(back.map(bytes).map(comparable));
    expect(replies.every((reply) => reply.out === "tun0")).toBe(true);
  });

  it("says why it was dropped, and is no datagram of fragments when it was cut", async () => {
    const firewall = await router(1280);
    const long = { src: "10.1.0.2", dst: "203.0.113.10", sport: 1, dport: 2, payload: new Uint8Array(1400) };
    const dropped = firewall.process(udp(long), { time: 0, in: "tun0" });
    expect(dropped).toMatchObject({ verdict: "DROP", reason: "TOO_LONG", packets: [] });
    expect(dropped.explain()).toBe("1428 bytes, more than the MTU of 1280, and not to be fragmented");
    const passed = firewall.process(udp({ ...long, dontFragment: false }), { time: 0, in: "tun0" });
    expect(passed.packets).toHaveLength(2);
    expect(passed.datagram).toBeUndefined();
  });

  it("is cut when this machine sends it, or dropped without telling anybody", async () => {
    const firewall = await router(1280);
    const long = {
      src: "198.51.100.1",
      dst: "203.0.113.10",
      sport: 1,
      dport: 2,
      payload: new Uint8Array(1400),
    };
    const cut = firewall.process(udp({ ...long, dontFragment: false }), { time: 0, local: true });
    expect(cut.packets.map(({ length }) => length)).toEqual([1276, 172]);
    const dropped = firewall.process(udp(long), { time: 0, local: true });
    expect(dropped).toMatchObject({ verdict: "DROP", reason: "TOO_LONG", replies: [] });
  });

  it("is an answer: dropped, and the packet that it answers goes its way", async () => {
    const firewall = await Firewall.fromIptablesSave(
      {},
      { interfaces: { tun0: ["10.1.0.1/16"] }, mtu: { tun0: 100 }, icmpErrors: true },
    );
    const query = { src: "10.1.0.2", dst: "203.0.113.10", sport: 1, dport: 2, payload: new Uint8Array(400) };
    const { replies } = firewall.process(udp(query), { time: 0, in: "tun0" });
    // ICMP errors may be fragmented, but quoting is long enough to show where it went wrong.
    expect(replies).toMatchObject([{ verdict: "DROP", out: undefined }]);
    expect(replies[0]!.packet.subarray(28)).toEqual(
      icmpError(udp(query), { src: "10.1.0.1", error: "net-unreachable" }).subarray(28),
    );
  });
});
