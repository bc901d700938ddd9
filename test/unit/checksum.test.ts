/** Transport checksums over payloads of every length: the engine sums whole vectors and what is left of one. */
import { describe, expect, it } from "vitest";
import { Conntrack } from "../../src/index.js";
import { udp } from "../../src/packet/index.js";

const ENDS = { src: "10.0.0.1", dst: "10.0.0.2", sport: 4000, dport: 53 };
const LONGEST = 200;
/** Not zero, and no two neighbours alike. */
const payloadOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 73 + 0x91) | 1);

describe("a UDP checksum", () => {
  it("is found right, whatever the payload's length", async () => {
    const ct = await Conntrack.create();
    for (let length = 0; length <= LONGEST; length++) {
      const { ctState } = ct.track(udp({ ...ENDS, payload: payloadOf(length) }), { time: length });
      expect(ctState, `${length} bytes`).toBe("NEW");
    }
  });

  it("is found wrong when the last byte has changed", async () => {
    const ct = await Conntrack.create();
    for (let length = 1; length <= LONGEST; length++) {
      const packet = udp({ ...ENDS, payload: payloadOf(length) });
      packet[packet.length - 1]! ^= 0x10;
      const { reason } = ct.track(packet, { time: length });
      expect(reason, `${length} bytes`).toBe("UDP_CHECKSUM");
    }
  });

  it("does not depend on what lies behind the packet", async () => {
    const ct = await Conntrack.create();
    for (let length = 0; length <= LONGEST; length++) {
      const packet = udp({ ...ENDS, payload: payloadOf(length) });
      // Padding of a short frame, as Ethernet has it.
      const padded = new Uint8Array(packet.length + 16).fill(0xff);
      padded.set(packet);
      expect(ct.track(padded, { time: length }).ctState, `${length} bytes`).toBe("NEW");
    }
  });
});
