import { describe, expect, it } from "vitest";
import {
  conntrackLine,
  conntrackSave,
  conntrackXml,
  flowCsv,
  flowJson,
  LineWriter,
  type PrintedFlow,
  procLine,
  writeProc,
} from "../../../src/format/index.js";
import { Conntrack, Status } from "../../../src/index.js";

/** What comes out, piece by piece. Pieces that end within a character are refused. */
function pieces(write: (lines: LineWriter) => void): string[] {
  const found: string[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const lines = new LineWriter((piece) => found.push(decoder.decode(piece)));
  write(lines);
  lines.flush();
  return found;
}

describe("LineWriter", () => {
  it.each([
    0,
    7,
    10,
    99,
    100,
    999,
    1000,
    1001,
    65535,
    999_999,
    1_000_000,
    10_000_001,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 48 - 1,
    1.5,
    -1,
    1e300,
  ])("writes the number %d", (number) => {
    expect(pieces((lines) => lines.number(number))).toEqual([`${number}`]);
  });

  it("writes any text, in pieces that end between characters", () => {
    const texts = ["", "a", "ä€😀", "\uFEFF", "x".repeat(100_000), "€".repeat(70_000), "😀".repeat(9999)];
    const found = pieces((lines) => {
      for (let i = 0; i < 50; i++) for (const text of texts) lines.text(text);
    });
    expect(found.length).toBeGreaterThan(10);
    expect(found.join("") === texts.join("").repeat(50)).toBe(true);
  });

  it("ends lines wherever a piece is full", () => {
    const found = pieces((lines) => {
      for (let i = 0; i < 100_000; i++) {
        lines.number(i);
        lines.end();
      }
    });
    expect(found.join("")).toBe(Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join(""));
  });
});

/** A table that has something of everything. */
async function table(): Promise<Conntrack> {
  const conntrack = await Conntrack.create({ sysctl: { nf_conntrack_timestamp: 1 } });
  conntrack.expire({ time: 1_700_000_000_000 });
  conntrack.setSysctl("nf_conntrack_acct", 1);
  const four = { src: "10.0.0.1", dst: "192.168.100.255" };
  const six = { src: "::1", dst: "2001:db8::ffff:102" };
  const mapped = { src: "::ffff:1.2.3.4", dst: "::5.6.7.8" };
  const ports = { sport: 1, dport: 65535 };
  const echo = { type: 8, code: 0, icmpId: 40000 };
  for (const original of [four, six, mapped]) {
    const icmp = original === four ? ["icmp", 8] : ["icmpv6", 128];
    for (const status of [0, Status.SEEN_REPLY | Status.ASSURED]) {
      const zone = status ? 9 : 0;
      const common = { timeout: 100, status, zone, mark: status ? 0xfedcba98 : 0, labels: status ? [3] : [] };
      for (const protocol of ["tcp", "udp", "sctp", "udplite"])
        conntrack.insert({ ...common, protocol, original: { ...original, ...ports } });
      conntrack.insert({ ...common, protocol: "gre", original: { ...original, srckey: 0, dstkey: 0xab } });
      conntrack.insert({ ...common, protocol: 50, original });
      conntrack.insert({
        ...common,
        protocol: icmp[0] as string,
        original: { ...original, ...echo, type: icmp[1] as number },
      });
    }
    conntrack.setSysctl("nf_conntrack_acct", 0);
  }
  return conntrack;
}

describe("printedFlows()", () => {
  const options = { extended: true, id: true, ktimestamp: true, labels: new Map([[3, "three"]]) };
  const FORMS: Readonly<Record<string, (flow: PrintedFlow) => string>> = {
    proc: (flow) => pieces((lines) => writeProc(lines, flow)).join(""),
    conntrack: (flow) => conntrackLine(flow, options),
    xml: (flow) => conntrackXml(flow, options),
    save: conntrackSave,
    csv: flowCsv,
    json: (flow) => JSON.stringify(flowJson(flow)),
  };

  it.each(Object.entries(FORMS))("is printed as flows() are, as %s", async (_, form) => {
    const conntrack = await table();
    const expected = Array.from(conntrack.flows(), form);
    expect(expected.length).toBe(42);
    expect(Array.from(conntrack.printedFlows(), form)).toEqual(expected);
  });

  it("is what procNetNfConntrack() and line() print", async () => {
    const conntrack = await table();
    const lines = Array.from(conntrack.flows(), (flow) => flow.line());
    expect(Array.from(conntrack.flows(), procLine)).toEqual(lines);
    expect(conntrack.procNetNfConntrack()).toBe(lines.map((line) => `${line}\n`).join(""));
    expect(lines.some((line) => line.includes("[ASSURED] mark=4275878552 zone=9"))).toBe(true);
  });

  it("goes on when the table changes, and leaves out what is gone", async () => {
    const conntrack = await table();
    let met = 0;
    for (const flow of conntrack.printedFlows()) {
      if (met++ === 0) conntrack.delete({ protocol: "udp" });
      else expect(flow.protocol).not.toBe("udp");
    }
    expect(met).toBeGreaterThanOrEqual(36);
  });
});
