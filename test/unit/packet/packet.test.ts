/** The packet builders, against packets that Scapy built and packets that real stacks sent. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Conntrack, ConntrackError } from "../../../src/index.js";
import * as builders from "../../../src/packet/index.js";

interface Case {
  readonly builder: keyof typeof builders;
  /** One argument; or two, the first of which is a packet: its builder and fields. */
  readonly fields: object | readonly [Readonly<Record<string, object>>, object];
  readonly packets: readonly string[];
}

const cases = JSON.parse(readFileSync(new URL("known-good.json", import.meta.url), "utf8")) as Case[];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const ENDS = { src: "10.1.0.2", dst: "203.0.113.10", sport: 1, dport: 2 };
const ENDS6 = { src: "2001:db8::1", dst: "2001:db8::2", sport: 1, dport: 2 };

const { ethernet, fragments, icmp, icmp6, icmpError, ip, sctp, tcp, udp } = builders;
const byName = new Map<string, unknown>(Object.entries(builders));

function build(name: string, ...values: readonly unknown[]): Uint8Array | Uint8Array[] {
  return (byName.get(name) as (...values: readonly unknown[]) => Uint8Array)(...values);
}

describe("bytes are those of Scapy", () => {
  it.each(cases)("$builder $fields", ({ builder, fields, packets }) => {
    const values = Array.isArray(fields)
      ? [build(...(Object.entries(fields[0])[0] as [string, object])), fields[1]]
      : [fields];
    const built = build(builder, ...values);
    expect((Array.isArray(built) ? built : [built]).map(hex)).toEqual(packets);
  });
});

describe("the engine finds no fault with them", () => {
  it("whatever the protocol and family", async () => {
    const conntrack = await Conntrack.create();
    let time = 0;
    const state = (packet: Uint8Array) => {
      const { ctState, reason } = conntrack.track(packet, { time: time++ });
      return reason ? `${ctState} ${reason}` : ctState;
    };
    const back = { src: ENDS.dst, dst: ENDS.src, sport: ENDS.dport, dport: ENDS.sport };
    expect(state(tcp({ ...ENDS, flags: "SYN", seq: 9 }))).toBe("NEW");
    expect(state(tcp({ ...back, flags: "SYN+ACK", seq: 4, ack: 10 }))).toBe("ESTABLISHED");
    expect(state(tcp({ ...ENDS, flags: "SYN", seq: 9, checksum: 1 }))).toBe("INVALID TCP_CHECKSUM");
    expect(state(udp(ENDS6))).toBe("NEW");
    const error = icmpError(udp(ENDS6), { src: "2001:db8::9", error: "port-unreachable" });
    expect(state(error)).toBe("RELATED");
    expect(state(icmp({ ...ENDS, type: "echo-request", icmpId: 5 }))).toBe("NEW");
    expect(state(icmp6({ ...ENDS6, type: "echo-request", icmpId: 5 }))).toBe("NEW");
    expect(state(sctp({ ...ENDS, chunks: [{ type: "INIT", initiateTag: 3 }] }))).toBe("NEW");
    expect(state(ip({ ...ENDS, protocol: 47, payload: [0, 0, 8, 0] }))).toBe("NEW");
    for (const ends of [ENDS, ENDS6]) {
      const pieces = fragments(udp({ ...ends, sport: 7, payload: "f".repeat(4000) }), { mtu: 1280 });
      expect(pieces.length).toBe(4);
      expect(pieces.map((piece) => conntrack.track(piece, { time }).verdict)).toEqual([
        "STOLEN",
        "STOLEN",
        "STOLEN",
        "ACCEPT",
      ]);
    }
  });
});

describe("what does not fit is refused, by name", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "a port",
      () => udp({ ...ENDS, sport: 65536 }),
      /sport: expected a whole number from 0 to 65535, got 65536/,
    ],
    ["a fraction", () => udp({ ...ENDS, dport: 1.5 }), /dport/],
    ["a sequence number", () => tcp({ ...ENDS, flags: "ACK", seq: -1 }), /seq/],
    ["a flag", () => tcp({ ...ENDS, flags: "SIN" }), /unknown flag "SIN"/],
    ["options", () => tcp({ ...ENDS, flags: "ACK", options: { raw: new Uint8Array(41) } }), /44 bytes/],
    ["an address", () => udp({ ...ENDS, src: "10.1" }), /src: "10.1" is not an IP address/],
    ["a range", () => udp({ ...ENDS, src: "10.1.0.0/16" }), /not an IP address/],
    ["two families", () => udp({ ...ENDS, dst: "2001:db8::1" }), /not of one address family/],
    ["a payload", () => udp({ ...ENDS, payload: new Uint8Array(65536) }), /UDP length/],
    ["a type", () => icmp({ ...ENDS, type: "echo" as "echo-reply" }), /type: unknown name "echo"/],
    ["ICMP of the other family", () => icmp({ ...ENDS6, type: 8 }), /runs between IPv4/],
    ["ICMPv6 of the other family", () => icmp6({ ...ENDS, type: 8 }), /runs between IPv6/],
    [
      "an error of the other family",
      () => icmpError(udp(ENDS6), { src: "::9", error: "redirect" }),
      /ICMPv6 has no/,
    ],
    [
      "an error about nothing",
      () => icmpError(new Uint8Array(3), { src: "::9", error: "redirect" }),
      /quotes an IP/,
    ],
    [
      "an initiate tag",
      () => sctp({ ...ENDS, chunks: [{ type: "ABORT", initiateTag: 1 }] }),
      /ABORT has none/,
    ],
    ["a tiny MTU", () => fragments(udp({ ...ENDS, payload: "12345678" }), { mtu: 27 }), /mtu/],
    [
      "a fragment",
      () => fragments(fragments(udp({ ...ENDS, payload: "x".repeat(99) }), { mtu: 60 })[0]!, { mtu: 50 }),
      /already/,
    ],
    ["a frame in a frame", () => ethernet(ethernet(udp(ENDS))), /no IP packet/],
    [
      "a hardware address",
      () => ethernet(udp(ENDS), { src: "02-00-00-00-00-01" }),
      /not an Ethernet address/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(ConntrackError);
    expect(make).toThrow(message);
  });
});
