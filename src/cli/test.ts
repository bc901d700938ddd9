/** `ctwasm test`: rulesets tried out with packets. */
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import type { Firewall, FirewallResult } from "../index.js";
import { Coverage } from "./coverage.js";
import { ExitCode } from "./exit-code.js";
import { differences } from "./expectation.js";
import { say, UsageError, verb } from "./fail.js";
import { createFirewall } from "./firewall.js";
import { junitText, type TestResult } from "./junit.js";
import { addMachineOptions, type MachineFlags } from "./machine.js";
import { print } from "./output.js";
import { type Case, readSpec, type Spec } from "./spec.js";

interface TestOptions extends MachineFlags {
  readonly trace?: true;
  readonly coverage?: true;
  readonly minCoverage?: number;
  readonly junit?: string;
}

const HELP = `
A specification is a text file: a machine, then packets in order, each with what
is expected to become of it. Options replace what it says of the machine.

  rules home.rules                       also: rules6, ipset; # begins a comment
  interface lan 10.0.0.1/24
  interface wan 198.51.100.1/24
  route default wan
  sysctl nf_conntrack_tcp_loose=0        also: helper ftp
  lan: tcp 10.0.0.2:4000 > 192.0.2.1:80 syn             => ACCEPT new out wan
  wan: tcp 192.0.2.1:80 > 198.51.100.1:4000 syn+ack     => ACCEPT established
  +5m wan: udp 192.0.2.9:53 > 198.51.100.1:53 len 20    => DROP rule filter INPUT policy
  local: icmp 198.51.100.1 > 192.0.2.1 echo-request id 7 => ACCEPT
  wan: capture scan.pcap 1-20                           => DROP

A packet is PROTOCOL FROM > TO with flags or a type, and seq, ack, win, len, id,
code, ttl, tos, mss; or capture FILE, with all its packets or those of N or N-M.
Expected are a verdict (ACCEPT, DROP, REJECT, STOLEN), a ct state, out DEVICE,
mark N, rule TABLE CHAIN NUMBER (or policy), with what REJECT answers
(icmp-port-unreachable, tcp-reset ...), path HOOK,HOOK..., as FROM > TO (what NAT
has made of it). Programs may write the same as JSON (docs/cli.md).

Below a packet that is not as expected stands every rule that it met, with the
values that made its matches true or false (of long runs of rules that do not
match, the ends); with --trace below all packets, and all rules.

Exit status: 0 all is as expected, 1 something is not, or too few rules were
matched (--min-coverage), 2 wrong usage or ruleset, 3 unreadable input.

Examples:
  ctwasm test firewall.test
  ctwasm test --rules new.rules --coverage --junit report.xml firewall.test
`;

export function testCommand(): Command {
  const command = new Command("test")
    .description("Sends packets through rulesets and compares what becomes of them with what is expected.")
    .argument("<spec...>", "specifications, as text or JSON")
    .option("--trace", "show what every rule found, of the packets that are as expected, too")
    .option("--coverage", "list the rules that no packet of any specification has matched")
    .option("--min-coverage <percent>", "fail when fewer rules than that were matched", percentage)
    .option("--junit <file>", "write the results as JUnit XML");
  return addMachineOptions(command).addHelpText("after", HELP).action(verb(test));
}

async function test(files: string[], options: TestOptions): Promise<ExitCode> {
  const { trace, coverage: listed, minCoverage = 0, junit, ...flags } = options;
  const results: TestResult[] = [];
  const coverage = new Coverage();
  for (const file of files) {
    const spec = await readSpec(file);
    if (spec.cases.length === 0) throw new UsageError(`${file}: no packet => expectation in it`);
    const firewall = await setUp(spec, flags);
    const end = coverage.begin(firewall);
    for (const one of spec.cases) {
      const outcome = run(firewall, one);
      const problems = differences(one.expected, outcome);
      const rules = problems.length > 0 || trace ? outcome.explainRules({ short: !trace }) : "";
      const result = { file, line: one.line, name: one.text, problems, rules };
      results.push(result);
      print(textOf(result));
    }
    end();
  }
  if (listed) print(coverage.text());
  if (junit !== undefined) writeFileSync(junit, junitText(results));
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  say(`${results.length - failed} of ${results.length} packets are as expected.`);
  const percent = coverage.all > 0 ? (100 * coverage.matched) / coverage.all : 100;
  if (percent < minCoverage) say(`${percent.toFixed(1)} % of the rules were matched, not ${minCoverage} %.`);
  return failed > 0 || percent < minCoverage ? ExitCode.UNEXPECTED : ExitCode.OK;
}

function percentage(text: string): number {
  const value = /^\d{1,3}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 100)) throw new InvalidArgumentError("expected a number from 0 to 100");
  return value;
}

async function setUp(spec: Spec, flags: MachineFlags): Promise<Firewall> {
  const machine = { ...spec.machine, ...flags };
  const devices = ["lo", ...Object.keys(machine.interface ?? {})];
  for (const { device, line } of spec.cases) {
    if (device === undefined || devices.includes(device)) continue;
    throw new UsageError(`${spec.file}:${line}: there is no interface ${device}, only ${devices.join(", ")}`);
  }
  const firewall = await createFirewall(machine, { sysctl: spec.sysctl, eventCapacity: 0 });
  for (const name of spec.helpers) firewall.conntrack.addHelper({ name });
  return firewall;
}

function run(firewall: Firewall, { time, device, packet, link, wireLength }: Case): FirewallResult {
  return firewall.process(packet, {
    time,
    link,
    trace: true,
    ...(wireLength !== undefined && { wireLength }),
    ...(device === undefined ? { local: true } : { in: device }),
  });
}

function textOf({ file, line, name, problems, rules }: TestResult): string {
  const head = `${problems.length === 0 ? "ok   " : "FAIL "} ${file}:${line}: ${name}\n`;
  const below = [...problems, ...(rules === "" ? [] : rules.split("\n"))];
  return head + below.map((text) => `      ${text}\n`).join("");
}
