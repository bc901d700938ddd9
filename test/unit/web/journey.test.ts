/** Any moment of a capture, however one has come there, is what it is on the straight way. */
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { capturePieces } from "../../../bench/capture.js";
import { Conntrack } from "../../../src/index.js";
import { LinkType, readCapture } from "../../../src/pcap/index.js";
import type { Settings } from "../../../src/web/model.js";
import type { Capture } from "../../../src/web/worker/capture.js";
import { Journey } from "../../../src/web/worker/journey.js";
import { lifeOf } from "../../../src/web/worker/life.js";

const PACKETS = 40_000;
const START = 1_700_000_000_000;
const { signal } = new AbortController();
const quiet = () => {};

/** Flows come and go: places are used again. */
const tracking: Settings = {
  sysctl: {
    nf_conntrack_udp_timeout: 1,
    nf_conntrack_udp_timeout_stream: 2,
    nf_conntrack_tcp_timeout_time_wait: 1,
    nf_conntrack_tcp_timeout_established: 3,
    nf_conntrack_tcp_timeout_unacknowledged: 2,
  },
  helpers: ["ftp"],
};
const firewall: Settings = {
  ...tracking,
  rules: {
    ipv4: `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate NEW -m limit --limit 50/second -j ACCEPT
-A FORWARD -m conntrack --ctstate NEW -j DROP
COMMIT
`,
    ipv6: "",
    ipset: "",
    arrivals: "",
    devices: "lan 10.0.0.1/8\nwan 192.0.2.1/24 default\n",
  },
};

let bytes: Buffer;

beforeAll(() => {
  bytes = Buffer.concat([...capturePieces(PACKETS)]);
});

const captureOf = (content: Buffer): Capture => ({ name: "x", blob: new Blob([Uint8Array.from(content)]) });

function shown(journey: Journey): string[] {
  return [...journey.conntrack.flows()].map((flow) => `${flow.id} ${flow.line()}`);
}

async function straight(capture: Capture, settings: Settings, time: number): Promise<string[]> {
  const journey = await Journey.begin(capture, settings);
  await journey.to(time, signal, quiet);
  const lines = shown(journey);
  await journey.close();
  return lines;
}

describe.each([
  ["a pcap", tracking, (plain: Buffer) => plain],
  ["gzip", tracking, (plain: Buffer) => gzipSync(plain, { level: 1 })],
  ["a pcap that meets rules", firewall, (plain: Buffer) => plain],
] as const)("%s", (_, settings, pack) => {
  it("shows the same, forwards and backwards, ids and all", async () => {
    const capture = captureOf(pack(bytes));
    const journey = await Journey.begin(capture, settings);
    for (const second of [20, 13.37, 13.3, 4.2, 0.001, 16, 15.999, 20]) {
      const time = START + 1000 * second;
      await journey.to(time, signal, quiet);
      const lines = shown(journey);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines, `${second} s`).toEqual(await straight(capture, settings, time));
    }
    await journey.close();
  });
});

describe("a moment", () => {
  it("has the flows that the library has, packet by packet", async () => {
    const conntrack = await Conntrack.create({ sysctl: tracking.sysctl });
    const time = START + 9000;
    for await (const packet of readCapture(bytes)) {
      if (packet.time > time) break;
      conntrack.track(packet.bytes, { time: packet.time, link: LinkType.ETHERNET });
    }
    conntrack.expire({ time });
    const own = [...conntrack.flows()].map((flow) => flow.line());
    const journey = await Journey.begin(captureOf(bytes), tracking);
    await journey.to(START + 12_000, signal, quiet);
    await journey.to(time, signal, quiet);
    expect([...journey.conntrack.flows()].map((flow) => flow.line()).sort()).toEqual(own.sort());
  });

  it("is reached from nearby, not from the beginning", async () => {
    const { blob } = captureOf(bytes);
    const reads: number[] = [];
    const slice = (from: number, to: number) => {
      if (to > 24) reads.push(from);
      return blob.slice(from, to);
    };
    const journey = await Journey.begin({ name: "x", blob: { size: blob.size, slice } as Blob }, tracking);
    await journey.to(START + 20_000, signal, quiet);
    reads.length = 0;
    await journey.to(START + 18_000, signal, quiet);
    await journey.to(START + 16_000, signal, quiet);
    expect(reads.length).toBeGreaterThan(0);
    expect(Math.min(...reads)).toBeGreaterThan(blob.size / 2);
  });

  it("can be left before it is reached", async () => {
    const capture = captureOf(bytes);
    const journey = await Journey.begin(capture, tracking);
    const wish = new AbortController();
    // Turns are taken by the clock: on a fast machine there might be none.
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 20));
    await expect(
      journey.to(START + 20_000, wish.signal, () => wish.abort(new Error("enough"))),
    ).rejects.toThrow("enough");
    clock.mockRestore();
    await journey.to(START + 5000, signal, quiet);
    expect(shown(journey)).toEqual(await straight(capture, tracking, START + 5000));
  });

  it("knows the lives of its flows", async () => {
    const capture = captureOf(bytes);
    const journey = await Journey.begin(capture, tracking);
    const time = START + 14_000;
    await journey.to(time, signal, quiet);
    const flows = [...journey.conntrack.flows()];
    for (const flow of [flows[0]!, flows[flows.length >> 1]!, flows.at(-1)!]) {
      const { id, original, reply, protocolNumber, zone } = flow;
      const subject = { id, time, original, reply, protocolNumber, zone };
      const life = await lifeOf(subject, capture, tracking, signal, quiet);
      const last = life.packets.findLast((packet) => packet.time <= time)!;
      expect(last.after!.state).toBe(flow.state ?? last.after!.state);
      expect(last.after!.timeout - flow.timeout).toBeGreaterThanOrEqual(0);
      expect(life.packets[0]!.ctState).toBe("NEW");
    }
  });
});
