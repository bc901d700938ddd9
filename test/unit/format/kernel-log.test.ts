import { describe, expect, it } from "vitest";
import { kernelLogLine } from "../../../src/format/kernel-log.js";
import recorded from "./kernel-log.json" with { type: "json" };

/** Each packet was logged by three: conntrack, a rule that tells all ("A:"), one that tells little, when forwarded ("F "). */
const DETAIL = { tcpSequence: true, tcpOptions: true, ipOptions: true };

function forwarded(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  copy[copy[0]! >>> 4 === 6 ? 7 : 8]!--;
  return copy;
}

describe("what the kernel's log says of a packet", () => {
  it.each(recorded.map((one) => [one.name, one] as const))("%s", (_, { packet: hex, lines }) => {
    const packet = Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16));
    for (const line of lines) {
      const prefix = /^(.*?)IN=/.exec(line)![1]!;
      if (prefix === "A:") {
        expect(kernelLogLine(prefix, packet, { ...DETAIL, macDecode: true, in: "tun0", mark: 0x1f })).toBe(
          line,
        );
      } else if (prefix === "F ") {
        expect(kernelLogLine(prefix, forwarded(packet), { in: "tun0", out: "tun1", mark: 0x1f })).toBe(line);
      } else {
        expect(kernelLogLine(prefix, packet, { ...DETAIL, in: "tun0" })).toBe(line);
      }
    }
  });

  it("tells of Ethernet", () => {
    const packet = Uint8Array.from(recorded[3]!.packet.match(/../g)!, (byte) => Number.parseInt(byte, 16));
    const mac = Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
    expect(kernelLogLine("", packet, { in: "eth0", mac })).toContain(
      "IN=eth0 OUT= MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=",
    );
    expect(kernelLogLine("", packet, { in: "eth0", mac, macDecode: true })).toContain(
      "MACSRC=02:00:00:00:00:02 MACDST=02:00:00:00:00:01 MACPROTO=0800 SRC=",
    );
    expect(kernelLogLine("", packet, { out: "eth0" })).toContain("IN= OUT=eth0 SRC=");
  });

  it("ends where the packet ends", () => {
    for (const { packet: hex } of recorded) {
      const packet = Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16));
      for (let length = 0; length < packet.length; length++) {
        expect(kernelLogLine("", packet.subarray(0, length), { ...DETAIL, in: "a" })).not.toMatch(
          /NaN|undefined/,
        );
      }
    }
  });
});
