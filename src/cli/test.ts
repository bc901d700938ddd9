/** `ctwasm test`: rulesets tried out with packets. */
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import type { Firewall, FirewallResult } from "../index.js";
import { ExitCode } from "./exit-code.js";
import { say, UsageError, verb } from "./fail.js";
import { junitText, type TestResult } from "./junit.js";
import { addMachineOptions, createFirewall, type MachineFlags } from "./machine.js";
import { print } from "./output.js";
import { type Case, type Expected, readSpec, type Spec } from "./spec.js";

interface TestOptions extends MachineFlags {
  readonly coverage?: true;
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

A packet is PROTOCOL FROM > TO with flags or a type, and seq, ack, win, len, id,
code, ttl, tos, mss; expected are a verdict (ACCEPT, DROP, REJECT, STOLEN), a ct
state, out DEVICE, mark N, rule TABLE CHAIN NUMBER (or policy).

Exit status: 0 all is as expected, 1 something is not, 2 wrong usage or ruleset,
3 unreadable input.

Examples:
  ctwasm test firewall.test
  ctwasm test --rules new.rules --coverage --junit report.xml firewall.test
`;

export function testCommand(): Command {
  const command = new Command("test")
    .description("Sends packets through rulesets and compares what becomes of them with what is expected.")
    .argument("<spec...>", "specifications")
    .option("--coverage", "list the rules that no packet has matched")
    .option("--junit <file>", "write the results as JUnit XML");
  return addMachineOptions(command).addHelpText("after", HELP).action(verb(test));
}

async function test(files: string[], { coverage, junit, ...flags }: TestOptions): Promise<ExitCode> {
  const results: TestResult[] = [];
  for (const file of files) {
    const spec = readSpec(file);
    if (spec.cases.length === 0) throw new UsageError(`${file}: no packet => expectation in it`);
    const firewall = await setUp(spec, flags);
    for (const one of spec.cases) {
      const result = { file, line: one.line, name: one.text, problems: run(firewall, one) };
      results.push(result);
      print(lineOf(result));
    }
    if (coverage) print(coverageText(firewall));
  }
  if (junit !== undefined) writeFileSync(junit, junitText(results));
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  say(`${results.length - failed} of ${results.length} packets are as expected.`);
  return failed > 0 ? ExitCode.UNEXPECTED : ExitCode.OK;
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

/** What is not as expected. */
function run(firewall: Firewall, { time, device, packet, expected }: Case): string[] {
  const result = firewall.process(
    packet,
    device === undefined ? { time, local: true } : { time, in: device },
  );
  return differences(expected, result);
}

function differences(expected: Expected, result: FirewallResult): string[] {
  const { verdict, ctState, out, mark, rule } = result;
  const decided = rule ? `${rule.table} ${rule.chain} ${rule.number || "policy"}` : "none";
  const found: Record<keyof Expected, unknown> = {
    verdict,
    ctState,
    out: out ?? "none",
    mark,
    rule: decided,
  };
  const why = [rule ? `by ${rule.text} (${decided})` : "", result.explain()]
    .filter((part) => part !== "")
    .join(": ");
  const wrong = (Object.keys(expected) as (keyof Expected)[]).filter(
    (name) => expected[name] !== found[name],
  );
  const texts = wrong.map((name) => `${name}: expected ${expected[name]}, was ${found[name]}`);
  return wrong.length > 0 && why !== "" ? [...texts, why] : texts;
}

function lineOf({ file, line, name, problems }: TestResult): string {
  if (problems.length === 0) return `ok    ${file}:${line}: ${name}\n`;
  return `FAIL  ${file}:${line}: ${name}\n${problems.map((problem) => `      ${problem}\n`).join("")}`;
}

function coverageText(firewall: Firewall): string {
  const { ipv4 = "", ipv6 = "" } = firewall.save({ counters: true });
  let [all, text, table] = [0, "", ""];
  for (const line of `${ipv4}${ipv6}`.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    const [, packets, rule] = /^\[(\d+):\d+\] (-A .*)/.exec(line) ?? [];
    if (packets === undefined) continue;
    all++;
    if (packets === "0") text += `not matched: ${table} ${rule}\n`;
  }
  const missed = text.split("\n").length - 1;
  return `${text}${all - missed} of ${all} rules were matched by a packet.\n`;
}
