import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { tcp } from "../../src/packet/index.js";
import { writePcap } from "../../src/pcap/index.js";
import { CLI, ctwasm, LAB, scratch, start } from "./ctwasm.js";

const sorted = (lines: readonly string[]) => [...lines].sort();
const RAW = 101;

/** A capture of TCP segments from 10.0.0.1:1000 to 10.0.0.2:80, at one second each; `back`: the other way. */
function segments(
  name: string,
  list: readonly (Parameters<typeof tcp>[0] extends infer T
    ? Partial<T> & { back?: true; at?: number }
    : never)[],
): string {
  const file = join(scratch, name);
  const packets = list.map(({ back, at, ...fields }, i) => {
    const ends = back
      ? { src: "10.0.0.2", dst: "10.0.0.1", sport: 80, dport: 1000 }
      : { src: "10.0.0.1", dst: "10.0.0.2", sport: 1000, dport: 80 };
    return {
      bytes: tcp({ ...ends, ...fields } as Parameters<typeof tcp>[0]),
      time: (at ?? i) * 1000,
      linkType: RAW,
    };
  });
  writeFileSync(file, writePcap(packets));
  return file;
}

const HANDSHAKE = [
  { flags: ["SYN"], seq: 100, window: 1000 },
  { flags: ["SYN", "ACK"], seq: 500, ack: 101, window: 1000, back: true },
  { flags: ["ACK"], seq: 101, ack: 501, window: 1000 },
] as const;
const FAR_AHEAD = { flags: ["ACK"], seq: 1_000_000, ack: 501, window: 1000 } as const;
const invalid = segments("invalid.pcap", [...HANDSHAKE, FAR_AHEAD] as never);

describe("filters", () => {
  const table = ctwasm(["replay", LAB]).lines;

  it.each<[string[], (line: string) => boolean]>([
    [["-p", "udp"], (line) => / udp +17 /.test(line)],
    [["-p", "6"], (line) => / tcp +6 /.test(line)],
    [["-p", "tcp", "--dport", "80"], (line) => /^\S+ +\d+ tcp [^=]*=[^=]*=[^=]*=\d+ dport=80 /.test(line)],
    [["-s", "10.1.0.0/16", "-f", "ipv4"], (line) => /^ipv4 [^=]*src=10\.1\./.test(line)],
    [["--state", "TIME_WAIT"], (line) => / TIME_WAIT /.test(line)],
    [["-u", "ASSURED"], (line) => line.includes("[ASSURED]")],
    [["-u", "UNREPLIED"], (line) => line.includes("[UNREPLIED]")],
    [["-m", "1"], () => false],
    [["-w", "0"], () => true],
    [
      ["-q", "10.1.0.10"],
      (line) => / dst=10\.1\.0\.10 /.test(line.split(" src=")[2] ? ` src=${line.split(" src=")[2]}` : ""),
    ],
  ])("%j", (options, keeps) => {
    const wanted = sorted(table.filter(keeps));
    expect(sorted(ctwasm(["replay", LAB, ...options]).lines)).toEqual(wanted);
    // The same when the flows come from a listing.
    const listed = ctwasm(["list", "--from", "-", ...options], table.join("\n"));
    expect(sorted(listed.lines)).toEqual(wanted);
    expect(Number(ctwasm(["count", LAB, ...options]).stdout)).toBe(wanted.length);
  });

  it.each([
    ["-p", "nonsense"],
    ["-s", "10.0.0.300"],
    ["--dport", "70000"],
    ["--state", "OPEN"],
    ["-u", "NONSENSE"],
    ["-m", "x"],
    ["-f", "ipx"],
  ])("refuses %s %s", (option, value) => {
    for (const verb of [
      ["replay", LAB],
      ["list", "--from", "-"],
    ]) {
      const run = ctwasm([...verb, option, value], "");
      expect(run.status).toBe(2);
      expect(run.stdout).toBe("");
      expect(run.stderr).toMatch(/\S/);
    }
  });
});

describe("forms", () => {
  it("are refused when they do not exist or do not go together", () => {
    for (const form of ["nonsense", "xml,save", "csv,id", ""]) {
      expect(ctwasm(["replay", LAB, "-o", form]).status).toBe(2);
    }
    expect(ctwasm(["events", LAB, "-o", "csv"]).status).toBe(2);
    expect(ctwasm(["replay", LAB, "--json", "-o", "csv"]).status).toBe(2);
  });

  it("print every flow once", () => {
    const count = ctwasm(["replay", LAB]).lines.length;
    const flows = (form: string) => ctwasm(["replay", LAB, "-o", form]);
    expect(flows("conntrack").lines).toHaveLength(count);
    expect(flows("save").lines.every((line) => line.startsWith("-A "))).toBe(true);
    expect(flows("xml").lines).toHaveLength(count + 3);
    expect(flows("csv").lines).toHaveLength(count + 1);
    expect(JSON.parse(flows("json").stdout)).toHaveLength(count);
    expect(flows("jsonl").lines.map((line) => JSON.parse(line))).toHaveLength(count);
  });

  it("parquet holds what csv does", async () => {
    const { stdout } = spawnSync("node", [CLI, "replay", LAB, "-o", "parquet", "--at", "all"]);
    const file = stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength) as ArrayBuffer;
    const rows = (await parquetReadObjects({ file })) as Record<string, unknown>[];
    const [head = "", ...lines] = ctwasm(["replay", LAB, "-o", "csv", "--at", "all"]).lines;
    const names = head.split(",").filter((name) => name !== "id");
    const text = (row: Record<string, unknown>) => names.map((name) => row[name] ?? "").join(",");
    expect(sorted(rows.map(text))).toEqual(sorted(lines.map((line) => line.replace(/^\d+,/, ""))));
  });

  it("a listing in, the same listing out", () => {
    const plain = ctwasm(["replay", LAB, "-o", "conntrack"]);
    expect(ctwasm(["list", "--from", "-", "-o", "conntrack"], plain.stdout).stdout).toBe(plain.stdout);
    const proc = ctwasm(["replay", LAB]);
    expect(ctwasm(["list", "--from", "-"], proc.stdout).stdout).toBe(proc.stdout);
  });

  it("a line that is no flow is refused with its number", () => {
    const run = ctwasm(["list", "--from", "-"], "\ntcp 6 431999 ESTABLISHED src=10.0.0.1\n");
    expect(run.status).toBe(3);
    expect(run.stderr).toContain("CT_BAD_LISTING: line 2:");
  });
});

describe("several captures", () => {
  it("are merged by time", () => {
    const whole = readFileSync(LAB);
    const records: Buffer[] = [];
    for (let at = 24; at < whole.length; ) {
      const length = 16 + whole.readUInt32LE(at + 8);
      records.push(whole.subarray(at, at + length));
      at += length;
    }
    const part = (name: string, of: (i: number) => boolean) => {
      const file = join(scratch, name);
      writeFileSync(file, Buffer.concat([whole.subarray(0, 24), ...records.filter((_, i) => of(i))]));
      return file;
    };
    const parts = [0, 1, 2].map((n) => part(`part${n}.pcap`, (i) => i % 3 === n));
    const events = (files: string[]) => ctwasm(["events", ...files, "-o", "timestamp"]).stdout;
    expect(events(parts)).toBe(events([LAB]));
    expect(sorted(ctwasm(["replay", ...parts]).lines)).toEqual(sorted(ctwasm(["replay", LAB]).lines));
  });

  it("of which one is damaged are used as far as possible", () => {
    const file = join(scratch, "cut.pcap");
    writeFileSync(file, readFileSync(LAB).subarray(0, 5000));
    const run = ctwasm(["replay", file, LAB]);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain("cut.pcap");
    expect(sorted(run.lines)).toEqual(sorted(ctwasm(["replay", LAB]).lines));
  });
});

describe("packets", () => {
  it("--only prints those that are chosen, --fail-on minds them, --pcap-out keeps them", () => {
    const out = join(scratch, "out.pcap");
    const run = ctwasm([
      "replay",
      invalid,
      "--only",
      "invalid",
      "--fail-on",
      "invalid,drop",
      "--pcap-out",
      out,
    ]);
    expect(run.status).toBe(1);
    expect(run.lines).toHaveLength(1);
    expect(run.lines[0]).toMatch(
      /^4 {2}\+3\.000000 {2}INVALID {2}tcp 10\.0\.0\.1:1000 > 10\.0\.0\.2:80 ACK seq 1000000 .* TCP_SEQ_OVER: SEQ 1000000 is over/,
    );
    expect(ctwasm(["replay", out]).stderr).toContain("1 packets");
    const packet = readFileSync(invalid).subarray(-40);
    expect(readFileSync(out).subarray(-40)).toEqual(packet);
  });

  it("--fail-on is content when none of them came", () => {
    expect(ctwasm(["replay", invalid, "--fail-on", "drop,held"]).status).toBe(0);
    expect(ctwasm(["replay", invalid, "--fail-on", "TCP_SEQ_OVER"]).status).toBe(1);
    expect(ctwasm(["replay", invalid, "--fail-on", "nonsense"]).status).toBe(2);
  });
});

describe("ctwasm explain", () => {
  it("tells a packet's reason and what would change it", () => {
    const run = ctwasm(["explain", "--packet", "4", invalid]);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/#2 .*\|<-- SYN\+ACK seq 500 ack 101 .*\| ESTABLISHED\/reply SYN_RECV 60s/);
    expect(run.stdout).toMatch(/^judged +INVALID$/m);
    expect(run.stdout).toMatch(/^why +TCP_SEQ_OVER: SEQ 1000000 is over upper bound \d+/m);
    expect(run.stdout).toMatch(/^otherwise +--set nf_conntrack_tcp_be_liberal=1: ESTABLISHED$/m);
    expect(run.stdout).not.toContain("nf_conntrack_tcp_loose");
  });

  it("tells a connection as JSON", () => {
    const [connection] = JSON.parse(ctwasm(["explain", "-p", "tcp", "-o", "json", invalid]).stdout);
    expect(connection.exchanges).toHaveLength(4);
    expect(connection.exchanges[2]).toMatchObject({
      number: 3,
      ctState: "ESTABLISHED",
      flow: { state: "ESTABLISHED", timeout: 432000, tcp: { window: [{ end: 101 }, { end: 501 }] } },
    });
    expect(connection.exchanges[3]).toMatchObject({ ctState: "INVALID", reason: "TCP_SEQ_OVER" });
  });

  it("tells of the connections that are chosen, and how many it left out", () => {
    const run = ctwasm(["explain", "-p", "tcp", "--limit", "2", LAB]);
    expect(run.stdout.match(/^#\d+ .*NEW\/original/gm)).toHaveLength(2);
    expect(run.stderr).toMatch(/\d+ further connections/);
  });

  it.each([
    [["--packet", "5", invalid], "no packet 5"],
    [["--packet", "0", invalid], "from 1 on"],
    [["--packet", "1", "-"], "give files"],
    [["--packet", "1", "-p", "tcp", invalid], "exclude"],
  ])("refuses %j", (args, text) => {
    const run = ctwasm(["explain", ...args], "");
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(text);
  });
});

describe("ctwasm whatif", () => {
  it("compares settings side by side", () => {
    const outcomes = JSON.parse(
      ctwasm([
        ...["whatif", invalid, "-o", "json"],
        ...["--vary", "nf_conntrack_tcp_be_liberal=0,1", "--vary", "nf_conntrack_max=1,2"],
      ]).stdout,
    );
    expect(outcomes.map(({ settings, invalid }: never) => [Object.values(settings), invalid])).toEqual([
      [[0, 1], 1],
      [[0, 2], 1],
      [[1, 1], 0],
      [[1, 2], 0],
    ]);
    expect(outcomes[0]).toMatchObject({ packets: 4, peakEntries: 1, earlyDrops: 0, tableFull: 0 });
  });

  it("tells when the table was full first", () => {
    const table = ctwasm(["whatif", LAB, "--vary", "nf_conntrack_max=4,0"]).lines;
    expect(table).toHaveLength(3);
    expect(table[1]).toMatch(/^ *4 +4 +4 +\d+ +[1-9]\d* +\d+\.\d{3}s /);
    expect(table[2]).toMatch(/^ *0 +\d+ +\d+ +0 +0 +- /);
  });

  it.each([[[]], [["--vary", "x"]], [["--vary", "nf_conntrack_nonsense=1,2"]]])("refuses %j", (args) => {
    expect(ctwasm(["whatif", LAB, ...args]).status).toBe(2);
  });
});

describe("ctwasm stats", () => {
  it("prints counters in the forms of Linux and for Prometheus", () => {
    const stats = (form: string) => ctwasm(["stats", invalid, "-o", form]).stdout;
    expect(stats("conntrack")).toMatch(/^cpu=0 {3}\tfound=0 invalid=1 insert=0 .* chaintoolong=0 \n$/);
    expect(stats("proc").split("\n")[1]).toMatch(/^00000001 {2}00000000 00000000 00000000 00000001 /);
    expect(stats("prometheus")).toMatch(/^node_nf_conntrack_stat_invalid 1$/m);
    expect(stats("prometheus")).toMatch(/^node_nf_conntrack_entries_limit 65536$/m);
    expect(JSON.parse(stats("json"))).toMatchObject({ entries: 1, invalid: 1 });
  });
});

describe("ctwasm convert", () => {
  it("writes any capture as pcap", () => {
    const out = join(scratch, "converted.pcap");
    expect(ctwasm(["convert", "test/captures/lab.pcapng.gz", "-t", out]).status).toBe(0);
    expect(sorted(ctwasm(["replay", out]).lines)).toEqual(sorted(ctwasm(["replay", LAB]).lines));
  });

  it("refuses packets that do not go into one", () => {
    const out = join(scratch, "mixed.pcap");
    const run = ctwasm(["convert", LAB, invalid, "-t", out]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("link types");
  });
});

describe("live streams", () => {
  it("events are shown while the capture is still being taken", async () => {
    const capture = readFileSync(LAB);
    const { child, shows, printed, ended } = start(["events", "-"]);
    child.stdin.write(capture.subarray(0, 2000));
    await shows("[NEW]");
    expect(printed.stderr).toBe("");
    child.stdin.end(capture.subarray(2000));
    expect(await ended).toBe(0);
    expect(printed.stdout).toBe(ctwasm(["events", LAB]).stdout);
    expect(printed.stderr).toMatch(/\d+ flow events have been shown\./);
  });

  it("flows of a live capture end in time although nothing more comes", async () => {
    const file = join(scratch, "now.pcap");
    const now = Date.now();
    writeFileSync(
      file,
      writePcap([
        {
          bytes: tcp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2, flags: ["SYN"] }),
          time: now,
          linkType: RAW,
        },
      ]),
    );
    const { child, shows, ended } = start([
      ...["events", "--follow", file, "--set", "nf_conntrack_tcp_timeout_syn_sent=1"],
    ]);
    await shows("[DESTROY] tcp");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  it("--follow goes on when the file grows", async () => {
    const file = join(scratch, "growing.pcap");
    const capture = readFileSync(LAB);
    writeFileSync(file, capture.subarray(0, 3000));
    const { child, printed, shows, ended } = start(["events", "--follow", file]);
    await shows("[NEW]");
    appendFileSync(file, capture.subarray(3000));
    await shows("dport=7 ");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(printed.stderr).toMatch(/618 packets: /);
  });
});

describe("a terminal and a pipe", () => {
  it("a reader that has seen enough is no error", () => {
    for (const args of [`events ${LAB}`, `replay -o xml ${LAB}`, `explain ${LAB}`]) {
      const text = execFileSync("sh", ["-c", `node ${CLI} ${args} 2>/dev/null | head -n 1`], {
        encoding: "utf8",
      });
      expect(text.split("\n")).toHaveLength(2);
    }
  });

  it.each([{ NO_COLOR: "1" }, { TERM: "dumb" }])("nothing but text is printed with %j", (env) => {
    const probe = spawnSync("script", ["--version"]);
    if (probe.error) return console.warn("*** script(1) is missing: terminals are NOT tested ***");
    const run = spawnSync("script", ["-qec", `node ${CLI} replay ${LAB}`, "/dev/null"], {
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    expect(run.stdout).toContain("ipv4     2 udp");
    if ("TERM" in env) expect(run.stdout).not.toContain("\u001b");
  });
});

describe("snapshots", () => {
  it("hold the whole table, to be listed later", () => {
    const file = join(scratch, "lab.snapshot");
    const run = ctwasm(["replay", LAB, "--snapshot-out", file]);
    expect(run.status).toBe(0);
    expect(sorted(ctwasm(["list", "--from", file]).lines)).toEqual(sorted(run.lines));
    const udp = ctwasm(["list", "--from", file, "-p", "udp", "-o", "extended"]);
    expect(udp.lines.length).toBeGreaterThan(3);
    expect(udp.lines.every((line) => / udp +17 /.test(line))).toBe(true);
  });

  it("that are damaged are refused", () => {
    const file = join(scratch, "damaged.snapshot");
    const bytes = readFileSync(join(scratch, "lab.snapshot"));
    writeFileSync(file, bytes.subarray(0, bytes.length - 1));
    const cut = ctwasm(["list", "--from", file]);
    expect(cut.status).toBe(3);
    expect(cut.stderr).toMatch(/CT_BAD_SNAPSHOT: .* \d+ bytes of \d+ are there/);
  });
});
