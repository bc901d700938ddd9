import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLI, ctwasm, LAB, scratch } from "./ctwasm.js";

/** Lines without what differs between two runs of the same: their order. */
const sorted = (lines: string[]) => [...lines].sort();

describe("ctwasm replay", () => {
  const whole = ctwasm(["replay", LAB]);

  it("prints the table of the bundled capture", () => {
    expect(whole.status).toBe(0);
    const table = whole.stdout;
    // A complete HTTP connection, an aborted one, an unanswered one, a ping, a DNS query, over both families.
    expect(table).toMatch(
      /^ipv4 {5}2 tcp {6}6 \d+ TIME_WAIT src=10\.1\.0\.10 dst=192\.0\.2\.80 .* \[ASSURED\] mark=0 zone=0 use=2$/m,
    );
    expect(table).toMatch(/^ipv4 {5}2 tcp {6}6 \d+ SYN_SENT .* dport=7 \[UNREPLIED\] /m);
    expect(table).toMatch(/^ipv6 {5}10 tcp {6}6 \d+ \w+ src=2001:0db8:0001:0000:0000:0000:0000:0010 /m);
    expect(table).toMatch(/^ipv4 {5}2 icmp {5}1 \d+ src=\S+ dst=\S+ type=8 code=0 id=\d+ src=/m);
    expect(whole.lines.every((line) => /^ipv[46] {5}\d+ \w+ +\d+ \d+ .*use=2$/.test(line))).toBe(true);
  });

  it("tells the totals on standard error", () => {
    expect(whole.stderr).toMatch(
      /^618 packets: \d+ NEW, \d+ ESTABLISHED, \d+ RELATED, 0 INVALID, \d+ UNTRACKED, 0 dropped/m,
    );
    expect(whole.stderr).toMatch(/2 not IP/);
  });

  it.each(["lab.pcapng.gz"])("prints the same for %s", (file) => {
    expect(sorted(ctwasm(["replay", `test/captures/${file}`]).lines)).toEqual(sorted(whole.lines));
  });

  it("prints the same from standard input", () => {
    expect(sorted(ctwasm(["replay", "-"], readFileSync(LAB)).lines)).toEqual(sorted(whole.lines));
  });

  it("prints the same whatever the link type", () => {
    const files = [
      "raw-ip",
      "null",
      "sll",
      "sll2",
      "vlan",
      "qinq",
      "pppoe",
      "ppp",
      "big-endian",
      "nanosecond",
    ];
    const tables = files.map((file) =>
      sorted(ctwasm(["replay", `test/captures/${file}.pcap`]).lines).join("\n"),
    );
    tables.push(sorted(ctwasm(["replay", "test/captures/big-endian.pcapng"]).lines).join("\n"));
    expect(tables[0]?.length).toBeGreaterThan(500);
    expect(new Set(tables).size).toBe(1);
  });

  it("prints all flows ever seen with --at all", () => {
    const all = ctwasm(["replay", LAB, "--at", "all"]).lines;
    expect(all.length).toBeGreaterThanOrEqual(whole.lines.length);
    for (const line of whole.lines) expect(all).toContain(line);
  });

  it("prints one JSON document with --json", () => {
    const { capture, totals, flows, reasons } = JSON.parse(ctwasm(["replay", LAB, "--json"]).stdout);
    const counted = Object.values(totals as Record<string, number>).reduce((sum, n) => sum + n, 0);
    expect(capture.packets).toBe(618);
    expect(counted).toBe(618);
    expect(flows).toHaveLength(whole.lines.length);
    expect(flows[0]).toHaveProperty("original.src");
    expect(Object.values(reasons as Record<string, number>).every((n) => n > 0)).toBe(true);
  });

  it("takes sysctls", () => {
    const strict = ctwasm(["replay", LAB, "--set", "nf_conntrack_tcp_timeout_time_wait=1"]);
    expect(strict.stdout).not.toMatch(/ 1[01]\d TIME_WAIT/);
    const file = join(scratch, "sysctl.conf");
    writeFileSync(file, "# comment\nnet.netfilter.nf_conntrack_tcp_timeout_time_wait = 1\nkernel.panic=1\n");
    const fromFile = ctwasm(["replay", LAB, "--sysctl", file]);
    expect(sorted(fromFile.lines)).toEqual(sorted(strict.lines));
    expect(fromFile.stderr).toContain(`${file}:3: kernel.panic`);
  });

  it.each([
    [["replay", LAB, "--set", "nf_conntrack_nonsense=1"], 2, "nf_conntrack_nonsense"],
    [["replay", LAB, "--set", "nf_conntrack_max"], 2, "NAME=NUMBER"],
    [["replay", LAB, "--nonsense"], 2, "--nonsense"],
    [["replay"], 2, "file"],
    [["nonsense"], 2, "nonsense"],
    [["replay", join(scratch, "missing")], 3, "missing"],
    [["replay", "package.json"], 3, "package.json"],
  ])("%j exits with %i", (args, status, text) => {
    const run = ctwasm(args);
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(text);
    expect(run.stdout).toBe("");
  });

  it("names the place of a setting that does not exist", () => {
    const file = join(scratch, "bad.conf");
    writeFileSync(file, "\nnet.netfilter.nf_conntrack_nonsense = 1\n");
    const run = ctwasm(["replay", LAB, "--sysctl", file]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(`${file}:2: net.netfilter.nf_conntrack_nonsense`);
  });

  it("takes packets of any length", () => {
    const file = join(scratch, "long.pcap");
    const length = 2 << 20;
    const capture = Buffer.alloc(24 + 16 + length);
    capture.writeUInt32LE(0xa1b2c3d4, 0);
    capture.writeUInt16LE(2, 4);
    capture.writeUInt16LE(4, 6);
    capture.writeUInt32LE(length, 16);
    capture.writeUInt32LE(1, 20);
    capture.writeUInt32LE(length, 32);
    capture.writeUInt32LE(length, 36);
    writeFileSync(file, capture);
    const run = ctwasm(["replay", file]);
    expect(run.status).toBe(0);
    expect(run.stderr).toContain("1 packets");
  });

  it("names a link type that it does not know", () => {
    const file = join(scratch, "bluetooth.pcap");
    const capture = Buffer.from(readFileSync(LAB).subarray(0, 300));
    capture.writeUInt32LE(201, 20);
    writeFileSync(file, capture);
    const run = ctwasm(["replay", file]);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain("CT_BAD_CAPTURE: link type 201");
  });

  it("prints what could be read of a truncated capture, and where it ends", () => {
    const file = join(scratch, "truncated.pcap");
    writeFileSync(file, readFileSync(LAB).subarray(0, 20_000));
    const run = ctwasm(["replay", file]);
    expect(run.status).toBe(3);
    expect(run.lines.length).toBeGreaterThan(3);
    expect(run.stderr).toMatch(/offset \d+/);
  });

  it("ends quietly when its reader has seen enough", () => {
    const shell = execFileSync("sh", ["-c", `node ${CLI} replay ${LAB} --at all 2>/dev/null | head -n 1`], {
      encoding: "utf8",
    });
    expect(shell.split("\n")).toHaveLength(2);
  });

  it("prints the table so far when interrupted", async () => {
    const child = spawn("node", [CLI, "replay", "-"]);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.stdin.write(readFileSync(LAB));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill("SIGINT");
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(status).toBe(130);
    expect(stderr).toContain("interrupted");
    expect(stdout).toContain("ipv4     2 tcp");
  });

  it("refuses standard input that is named twice", () => {
    const twice = ctwasm(["replay", "-", "-"], readFileSync(LAB));
    expect([twice.status, twice.stdout]).toEqual([2, ""]);
    expect(twice.stderr).toContain("standard input can be read once only");
  });

  it("says why it cannot write", () => {
    const full = spawnSync("sh", ["-c", `exec node ${CLI} replay ${LAB} >/dev/full`], { encoding: "utf8" });
    expect(full.status).toBe(3);
    expect(full.stderr).toContain("standard output: ENOSPC");
  });

  it("shows progress on a terminal only", () => {
    expect(whole.stderr).not.toContain("\r");
    const probe = spawnSync("script", ["--version"]);
    if (probe.error) {
      console.warn("*** script(1) is missing: progress on a terminal is NOT tested ***");
      return;
    }
    const big = join(scratch, "big.pcap");
    const lab = readFileSync(LAB);
    writeFileSync(big, Buffer.concat([lab, ...Array<Buffer>(150).fill(lab.subarray(24))]));
    const run = spawnSync("script", ["-qec", `node ${CLI} replay ${big} > /dev/null`, "/dev/null"], {
      encoding: "utf8",
    });
    expect(run.stdout).toContain("\r\u001b[K");
    expect(run.stdout).toMatch(/\d+% [\d.]+ MB, \d+ packets/);
  });

  it("helps", () => {
    const run = ctwasm(["replay", "--help"]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("Examples:");
    expect(ctwasm(["--version"]).stdout).toBe(
      `${JSON.parse(readFileSync("package.json", "utf8")).version}\n`,
    );
  });
});
