/** Listings read back, and what they are refused for. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CSV_HEAD,
  conntrackLine,
  conntrackStatsLine,
  flowCsv,
  insertionOf,
  type ListedFlow,
  parseListing,
  parseListingLine,
  procLine,
  procStat,
  prometheusText,
} from "../../src/format/index.js";
import { Conntrack, ConntrackError, Status } from "../../src/index.js";
import { linesOf, type ToolRecording, toolRecording } from "./tool-recording.js";

const PROC =
  "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.2 dst=10.0.1.2 sport=1111 dport=80 src=10.0.1.2 dst=10.0.0.2 sport=80 dport=1111 [ASSURED] mark=0 zone=0 use=2";

describe("a listing", () => {
  it.each([
    [PROC, { family: "ipv4", state: "ESTABLISHED", timeout: 431999, use: 2, zone: 0 }],
    [
      "tcp      6 117 SYN_SENT src=192.168.1.6 dst=192.168.1.9 sport=32775 dport=22 [UNREPLIED] src=192.168.1.9 dst=192.168.1.6 sport=22 dport=32775 [ASSURED] use=2",
      { family: "ipv4", state: "SYN_SENT", status: Status.CONFIRMED | Status.ASSURED, use: 3 },
    ],
    [
      "udp      17 29 src=::1 dst=::ffff:1.2.3.4 sport=1 dport=3 packets=2 bytes=99 [UNREPLIED] src=::ffff:1.2.3.4 dst=::1 sport=3 dport=1 packets=0 bytes=0 mark=9 zone=3 delta-time=7 [start=Fri Nov 27 19:45:51 2026] helper=sip use=1 id=77 labels=a,b",
      {
        family: "ipv6",
        mark: 9,
        zone: 3,
        helper: "sip",
        id: 77,
        deltaTime: 7,
        counters: { original: { packets: 2, bytes: 99 }, reply: { packets: 0, bytes: 0 } },
      },
    ],
    [
      "ipv4     2 unknown  2 575 src=10.0.0.1 dst=224.0.0.1 [UNREPLIED] src=224.0.0.1 dst=10.0.0.1 mark=0 secctx=system_u:object_r:x:s0 zone=0 use=2",
      { protocol: "unknown", protocolNumber: 2, timeout: 575 },
    ],
    [
      "ipv4     2 tcp      6 src=10.0.0.2 dst=10.0.1.2 sport=1 dport=2 src=10.0.1.2 dst=10.0.0.2 sport=2 dport=1 [OFFLOAD] mark=0 zone=0 use=3",
      { timeout: 0, state: undefined, use: 3 },
    ],
  ])("%s", (line, expected) => {
    expect(parseListingLine(line)).toMatchObject(expected);
  });

  it("tells translated flows apart", () => {
    const snat = PROC.replace("dst=10.0.0.2 sport=80 dport=1111", "dst=198.51.100.1 sport=80 dport=1111");
    const dnat = PROC.replace("src=10.0.1.2 dst=10.0.0.2 sport=80", "src=10.9.9.9 dst=10.0.0.2 sport=8080");
    const nat = Status.SRC_NAT | Status.DST_NAT;
    expect(parseListingLine(PROC).status & nat).toBe(0);
    expect(parseListingLine(snat).status & nat).toBe(Status.SRC_NAT);
    expect(parseListingLine(dnat).status & nat).toBe(Status.DST_NAT);
  });

  it.each([
    ["", "protocol|more"],
    ["tcp", "line 1"],
    [PROC.replace("ESTABLISHED", "OPEN"), "state"],
    [PROC.replace("10.0.0.2", "10.0.0.299"), "address"],
    [PROC.replace("10.0.0.2", "1"), "address"],
    [PROC.replace("10.0.0.2", "::1"), "one family"],
    [PROC.replace("sport=1111", "sport=70000"), "0 to 65535"],
    [PROC.replace("dport=80 ", ""), "dport="],
    [PROC.replace("mark=0", "mark=-1"), "mark"],
    [PROC.replace("mark=0", "nonsense=0"), "behind the tuples"],
    [PROC.replace(/ src=10\.0\.1.*/, ""), "src="],
  ])("refuses %s", (line, text) => {
    expect(() => parseListingLine(line)).toThrow(new RegExp(text));
    expect(() => parseListingLine(line)).toThrow(ConntrackError);
  });

  it("names the line of an error and passes over what is no flow", () => {
    const text = `${PROC}\n\nconntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.\nnonsense\n`;
    expect(() => [...parseListing(text)]).toThrow(/line 4: /);
    expect([...parseListing(text.replace("nonsense\n", ""))]).toHaveLength(1);
  });

  it("refuses whatever else comes with an error of ours", () => {
    const words = fc.constantFrom(
      ...PROC.split(" "),
      "=",
      "src=",
      "[",
      "zone-orig=1",
      "id=",
      "\u0000",
      "timeout=1",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (line) => {
        try {
          procLine(parseListingLine(line.join(" ")));
        } catch (error) {
          expect(error).toBeInstanceOf(ConntrackError);
        }
      }),
    );
  });
});

describe("a listing of a real machine goes into the engine and comes out again", () => {
  const tables: { name: string; flows: ListedFlow[] }[] = [];
  beforeAll(async () => {
    for await (const { name, proc } of linesOf<ToolRecording>(toolRecording("curated"))) {
      const flows = [...parseListing(proc.join("\n"))].filter(
        ({ zoneDirection }) => zoneDirection === "both",
      );
      if (flows.length > 0) tables.push({ name, flows });
    }
  });

  it("flow by flow", async () => {
    const conntrack = await Conntrack.create({ sysctl: { nf_conntrack_max: 0 } });
    let translated = 0;
    for (const { name, flows } of tables) {
      for (const flow of flows) {
        // An engine has GRE's timeouts as they are set, and counts what is in use.
        const wanted = { ...flow, counters: undefined, gre: undefined, deltaTime: undefined, use: 2 };
        if (flow.timeout === 0) continue;
        expect(conntrack.insert(insertionOf(flow)), `${name} ${procLine(flow)}`).toBe(true);
        if (flow.status & (Status.SRC_NAT | Status.DST_NAT)) translated++;
        const [entered] = [...conntrack.flows()];
        expect(procLine({ ...entered!, ...pick(entered!), gre: undefined }), name).toBe(procLine(wanted));
        expect(entered!.status & 0x36, name).toBe(flow.status & 0x36);
        conntrack.flush();
      }
    }
    expect(translated).toBeGreaterThan(20);
  });

  it("but not where the tuple of its answers is taken", async () => {
    const conntrack = await Conntrack.create();
    const flow = parseListingLine(PROC.replace("dst=10.0.0.2 sport=80", "dst=198.51.100.1 sport=80"));
    const other = parseListingLine(PROC.replaceAll("10.0.0.2", "198.51.100.1"));
    expect(conntrack.insert(insertionOf(other))).toBe(true);
    expect(conntrack.insert(insertionOf(flow))).toBe(false);
    expect([...conntrack.flows()]).toHaveLength(1);
  });
});

/** Properties of a live flow, copied. */
function pick(flow: ListedFlow): ListedFlow {
  const { id, family, protocol, protocolNumber, original, reply, state, timeout, status, mark } = flow;
  const { zone, zoneDirection, use, counters, tcp, sctp, start, deltaTime, labels } = flow;
  return {
    ...{ id, family, protocol, protocolNumber, original, reply, state, timeout, status, mark },
    ...{ zone, zoneDirection, use, counters, tcp, sctp, start, deltaTime, labels, gre: undefined },
  };
}

describe("labels", () => {
  it("are printed at the end, those that have names", () => {
    const flow = { ...parseListingLine(PROC), labels: [1, 7, 100] };
    const labels = new Map([
      [1, "foo"],
      [100, "far"],
    ]);
    expect(conntrackLine(flow, { labels, id: true })).toMatch(/ use=1 id=0 labels=foo,far$/);
    expect(conntrackLine(flow)).not.toContain("labels");
  });
});

describe("statistics", () => {
  it("are printed as Linux does", async () => {
    let compared = 0;
    for await (const { stat, stats } of linesOf<ToolRecording>(toolRecording("curated"))) {
      const [head, ...cpus] = stat;
      const zero = (await empty()).stats();
      expect(procStat(zero).split("\n")[0]).toBe(head);
      // What one processor did is told in the same columns.
      const cells = cpus[0]!.split(/\s+/).map((cell) => Number.parseInt(cell, 16));
      const [entries, clash_resolve, found, , invalid, , , chaintoolong, insert, insert_failed, drop] = cells;
      const [early_drop, error, expect_new, expect_create, expect_delete, search_restart] = cells.slice(11);
      const ours = {
        ...{ entries, clash_resolve, found, invalid, chaintoolong, insert, insert_failed, drop, early_drop },
        ...{ error, expect_new, expect_create, expect_delete, search_restart, helper_failures: 0 },
      } as typeof zero;
      expect(procStat(ours).split("\n")[1]).toBe(cpus[0]);
      expect(conntrackStatsLine(ours)).toBe(stats[0]);
      if (++compared === 50) break;
    }
    expect(compared).toBe(50);
  });

  it("are printed for Prometheus, name by name as node_exporter has them", async () => {
    const text = prometheusText((await empty()).stats(), 65536);
    const names = [...text.matchAll(/^# TYPE (\w+) gauge\n\1 \d+$/gm)].map(([, name]) => name);
    expect(names).toEqual([
      "node_nf_conntrack_entries",
      "node_nf_conntrack_entries_limit",
      "node_nf_conntrack_stat_found",
      "node_nf_conntrack_stat_invalid",
      "node_nf_conntrack_stat_insert",
      "node_nf_conntrack_stat_insert_failed",
      "node_nf_conntrack_stat_drop",
      "node_nf_conntrack_stat_early_drop",
      "node_nf_conntrack_stat_search_restart",
    ]);
  });
});

const empty = (() => {
  let made: Promise<Conntrack> | undefined;
  return () => {
    made ??= Conntrack.create();
    return made;
  };
})();

describe("CSV", () => {
  it("quotes what needs it", () => {
    const line = flowCsv({ ...parseListingLine(PROC), helper: 'a "b",c' });
    expect(line).toContain('"a ""b"",c"');
    expect(flowCsv(parseListingLine(PROC)).split(",")).toHaveLength(CSV_HEAD.split(",").length);
  });
});
