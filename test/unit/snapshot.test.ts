import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { xxh32 } from "../../src/checksum.js";
import { Conntrack, LinkType, Status } from "../../src/index.js";
import { type CapturedPacket, readCapture } from "../../src/pcap/index.js";

const SETTINGS = { nf_conntrack_acct: 1, nf_conntrack_timestamp: 1, nf_conntrack_tcp_timeout_close: 77 };
/** In the middle of an FTP session, data connections open, others over. */
const CUT = 300;

const packets: CapturedPacket[] = [];
beforeAll(async () => {
  for await (const packet of readCapture(readFileSync("test/captures/lab.pcap"))) packets.push(packet);
});

async function half(): Promise<Conntrack> {
  const conntrack = await Conntrack.create({ sysctl: SETTINGS });
  for (const name of ["ftp", "sip", "tftp"]) conntrack.addHelper({ name });
  conntrack.addHelper({ name: "ftp", port: 2121 });
  go(conntrack, 0, CUT);
  return conntrack;
}

function go(conntrack: Conntrack, from: number, to: number): string[] {
  return packets.slice(from, to).map(({ bytes, time }) => {
    const result = conntrack.track(bytes, { time, link: LinkType.ETHERNET });
    return `${result.ctState} ${result.direction} ${result.verdict} ${result.explain()}`;
  });
}

const table = (conntrack: Conntrack) => conntrack.procNetNfConntrack().split("\n").sort();
const expectations = (conntrack: Conntrack) => conntrack.procNetNfConntrackExpect().split("\n").sort();
/** The checksum made right again: what a careful attacker would write. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer).setFloat64(16, bytes.length, true);
  new DataView(bytes.buffer).setUint32(12, xxh32(bytes.subarray(16)), true);
  return bytes;
}

describe("a snapshot", () => {
  it("has everything in it that was there", async () => {
    const before = await half();
    before.update({ protocol: "udp" }, { mark: 7, labels: [1, 100] });
    const after = await Conntrack.restore(before.snapshot());
    expect(table(before).length).toBeGreaterThan(20);
    expect(table(after)).toEqual(table(before));
    expect(expectations(after)).toEqual(expectations(before));
    expect(after.stats()).toEqual(before.stats());
    expect(after.sysctls()).toEqual(before.sysctls());
    const marked = (conntrack: Conntrack) => [...conntrack.flows({ mark: 7, labels: [1, 100] })].length;
    expect(marked(after)).toBeGreaterThan(0);
    expect(marked(after)).toBe(marked(before));
    expect(after.drainEvents()).toEqual([]);
  });

  it("goes on as if nothing had happened", async () => {
    const before = await half();
    const after = await Conntrack.restore(before.snapshot());
    before.drainEvents();
    expect(go(after, CUT, packets.length)).toEqual(go(before, CUT, packets.length));
    expect(table(after)).toEqual(table(before));
    expect(after.stats()).toEqual(before.stats());
    const told = (conntrack: Conntrack) =>
      conntrack.drainEvents().map(({ kind, time, changes, protocolNumber, master }) => {
        return JSON.stringify({ kind, time, changes, protocolNumber, master });
      });
    expect(told(after).sort()).toEqual(told(before).sort());
  });

  it("keeps expectations, and the connection that announced them", async () => {
    for (let cut = 1; cut < packets.length; cut++) {
      const before = await Conntrack.create();
      before.addHelper({ name: "ftp" });
      go(before, 0, cut);
      if (before.expectations().length === 0) continue;
      const after = await Conntrack.restore(before.snapshot());
      expect(expectations(after)).toEqual(expectations(before));
      go(after, cut, packets.length);
      const data = [...after.flows()].filter(({ status }) => status & Status.EXPECTED);
      expect(data.length).toBeGreaterThan(0);
      expect(data[0]?.master?.helper).toBe("ftp");
      return;
    }
    expect.fail("the capture has no FTP data connection");
  });

  it("of a snapshot's engine is the same one", async () => {
    const first = (await half()).snapshot();
    const second = (await Conntrack.restore(first)).snapshot();
    const third = (await Conntrack.restore(second)).snapshot();
    expect(table(await Conntrack.restore(third))).toEqual(table(await Conntrack.restore(first)));
    expect(third.length).toBe(first.length);
  });

  it("of an engine in which nothing has happened can be restored", async () => {
    const after = await Conntrack.restore((await Conntrack.create()).snapshot());
    expect(table(after)).toEqual([""]);
    expect(go(after, 0, 10)).toEqual(go(await Conntrack.create(), 0, 10));
  });

  it("asks for helpers of one's own", async () => {
    const helper = {
      name: "mine",
      protocol: "udp",
      port: 53,
      classes: [{ max: 1, timeout: 10 }],
      createState: () => ({ seen: 0 }),
      packet: ({ state }: { state: unknown }) => {
        seen.push(++(state as { seen: number }).seen);
        return undefined;
      },
    } as const;
    const seen: number[] = [];
    const before = await Conntrack.create();
    before.addHelper(helper);
    let next = 0;
    while (seen.length === 0) go(before, next, ++next);
    const snapshot = before.snapshot();
    await expect(Conntrack.restore(snapshot)).rejects.toMatchObject({ code: "CT_BAD_OPTION" });
    const after = await Conntrack.restore(snapshot, { helpers: [helper] });
    while (seen.length === 1) go(after, next, ++next);
    expect(seen).toEqual([1, 2]);
  });

  it("of a helper that has since learnt to remember more has the rest as it begins", async () => {
    const helper = (createState: () => object) =>
      ({
        name: "mine",
        protocol: "udp",
        port: 53,
        classes: [{ max: 1, timeout: 10 }],
        createState,
        packet: ({ state }: { state: unknown }) => {
          seen.push({ ...(state as object) });
          Object.assign(state as object, { packets: 7 });
          return undefined;
        },
      }) as const;
    const seen: object[] = [];
    const before = await Conntrack.create();
    before.addHelper(helper(() => ({ packets: 0 })));
    let next = 0;
    while (seen.length === 0) go(before, next, ++next);
    const helpers = [helper(() => ({ packets: 0, ports: [0, 0] }))];
    const after = await Conntrack.restore(before.snapshot(), { helpers });
    while (seen.length === 1) go(after, next, ++next);
    expect(seen).toEqual([{ packets: 0 }, { packets: 7, ports: [0, 0] }]);
  });
});

describe("what is no snapshot is refused", () => {
  const refused = { code: "CT_BAD_SNAPSHOT" };
  let good: Uint8Array;
  beforeAll(async () => {
    good = (await half()).snapshot();
  });

  it("bytes of another kind", async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), readFileSync("test/captures/lab.pcap")]) {
      await expect(Conntrack.restore(bytes)).rejects.toMatchObject(refused);
    }
  });

  it("one that was cut off anywhere", async () => {
    for (let length = 0; length < good.length; length += 97) {
      await expect(Conntrack.restore(good.subarray(0, length))).rejects.toMatchObject(refused);
    }
  });

  it("one of which any byte was changed", async () => {
    for (let at = 0; at < good.length; at += 31) {
      if (at === 10 || at === 11) continue;
      const bytes = good.slice();
      bytes[at]! ^= 0x10;
      await expect(Conntrack.restore(bytes), `byte ${at}`).rejects.toMatchObject(refused);
    }
  });

  it("another major version", async () => {
    const bytes = good.slice();
    bytes[8] = 2;
    await expect(Conntrack.restore(bytes)).rejects.toThrow(/version 2\.0/);
  });

  it("one that somebody has made up, with a right checksum", async () => {
    const random = (seed: number) => () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed;
    };
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed);
      const bytes = good.slice();
      for (let n = 0; n < 1 + (seed % 8); n++) bytes[24 + (next() % (bytes.length - 24))] = next() >>> 24;
      // Whatever comes of it: an error of ours, or an engine that works.
      const outcome = await Conntrack.restore(sealed(bytes)).catch((error) => error);
      if (outcome instanceof Conntrack) {
        go(outcome, CUT, CUT + 50);
        outcome.flush();
      } else {
        expect(outcome, `seed ${seed}`).toMatchObject({ name: "ConntrackError" });
      }
    }
  });
});

it("a snapshot of a newer minor version, with more in it, can be restored", async () => {
  const before = await half();
  const old = before.snapshot();
  const view = new DataView(old.buffer);
  const described = view.getUint32(24, true);
  const rowsAt = 32 + ((described + 7) & ~7);
  const description = JSON.parse(new TextDecoder().decode(old.subarray(32, 32 + described)));
  const text = new TextEncoder().encode(JSON.stringify({ ...description, invented: [1] }));
  const rows: Uint8Array[] = [];
  for (let at = rowsAt; at < old.length; ) {
    const bytes = view.getUint32(at + 8, true);
    const row = new Uint8Array(bytes + 8);
    row.set(old.subarray(at, at + bytes));
    new DataView(row.buffer).setUint32(8, bytes + 8, true);
    rows.push(row);
    at += bytes;
  }
  const newer = new Uint8Array(
    32 + ((text.length + 7) & ~7) + rows.reduce((sum, row) => sum + row.length, 0),
  );
  newer.set(old.subarray(0, 32));
  newer.set(text, 32);
  let at = 32 + ((text.length + 7) & ~7);
  for (const row of rows) {
    newer.set(row, at);
    at += row.length;
  }
  newer[10] = 1;
  new DataView(newer.buffer).setUint32(24, text.length, true);
  const after = await Conntrack.restore(sealed(newer));
  expect(table(after)).toEqual(table(before));
});
