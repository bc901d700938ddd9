/** Memory that is asked for before there are flows. */
import { describe, expect, it } from "vitest";
import { internalsOf } from "../../../src/conntrack.js";
import { type Batch, Conntrack } from "../../../src/index.js";
import { udp } from "../../../src/packet/index.js";

const FLOWS = 50_000;

/** Opens so many flows. */
function open(conntrack: Conntrack, batch: Batch, src: string, dst: string): void {
  for (let first = 0; first < FLOWS; first += 256) {
    batch.clear();
    for (let n = first; n < Math.min(first + 256, FLOWS); n++) {
      batch.push(udp({ src, dst, sport: 1 + n, dport: 53 }), 0);
    }
    conntrack.trackBatch(batch);
  }
}

describe("reservedFlows", () => {
  it.each([
    ["IPv4", "10.0.0.1", "192.0.2.1"],
    ["IPv6", "2001:db8::1", "2001:db8::2"],
  ])("%s flows find their memory there", async (_, src, dst) => {
    const conntrack = await Conntrack.create({
      reservedFlows: FLOWS,
      sysctl: { nf_conntrack_acct: 1, nf_conntrack_max: 0 },
    });
    const { engine } = internalsOf(conntrack);
    const batch = conntrack.createBatch(256);
    const { buffer } = engine.u8;
    open(conntrack, batch, src, dst);
    expect(conntrack.memory().flows).toBe(FLOWS);
    // Memory that grows has another buffer.
    expect(engine.u8.buffer).toBe(buffer);
  });

  it("more than a table can have are refused", async () => {
    for (const reservedFlows of [-1, 0.5, 2 ** 24 + 1]) {
      await expect(Conntrack.create({ reservedFlows })).rejects.toMatchObject({ code: "CT_BAD_OPTION" });
    }
  });

  it("a checkpoint does not hold what is only reserved", async () => {
    const conntrack = await Conntrack.create({ reservedFlows: FLOWS });
    const plain = await Conntrack.create();
    expect(conntrack.checkpoint().bytes).toBeLessThan(plain.checkpoint().bytes + (1 << 20));
    const batch = conntrack.createBatch(256);
    const before = conntrack.checkpoint();
    open(conntrack, batch, "10.0.0.1", "192.0.2.1");
    conntrack.rewind(before);
    expect(conntrack.memory().flows).toBe(0);
    open(conntrack, batch, "10.0.0.1", "192.0.2.1");
    expect(conntrack.memory().flows).toBe(FLOWS);
  });
});
