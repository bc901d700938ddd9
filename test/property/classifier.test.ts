/** A chain with a classifier decides, counts and marks as the same chain walked rule by rule. */
import { describe, expect, it } from "vitest";
import { internalsOf } from "../../src/conntrack.js";
import { Firewall } from "../../src/firewall.js";
import { icmp, tcp, udp } from "../../src/packet/index.js";
import { parseRuleset } from "../../src/rules/parse.js";
import { printRuleset } from "../../src/rules/print.js";
import { RuleProgram } from "../../src/rules/program.js";
import { randomNumbers } from "./harness.js";

type Random = (below: number) => number;

const MARKED = 8;
const RULES = 300;
const PACKETS = 400;

/** Few different hosts, so that packets meet rules. */
function address(random: Random, six: boolean): string {
  const net = random(4);
  const host = random(40);
  return six ? `2001:db8:${net}::${host.toString(16)}` : `10.0.${net}.${host}`;
}

function network(random: Random, six: boolean): string {
  const bits = six ? 128 : 32;
  const narrow = six ? [128, 128, 126, 124, 120, 64, 48, 32] : [32, 32, 31, 30, 28, 24, 16, 8];
  const prefix = random(40) === 0 ? [0, 1, bits - 1][random(3)] : narrow[random(narrow.length)];
  return `${address(random, six)}/${prefix}`;
}

const PORTS = [0, 1, 22, 53, 80, 443, 1024, 8080, 65534, 65535];

function range(random: Random): string {
  const [a, b] = [PORTS[random(PORTS.length)]!, PORTS[random(PORTS.length)]!].sort((x, y) => x - y);
  return random(2) || a === b ? `${a}` : `${a}:${b}`;
}

/** Devices and what rules call them: one name begins like another. */
const DEVICES = ["eth0", "eth1", "eth10", "wan"];
const PATTERNS = [...DEVICES, "eth+", "eth1+", "w+", "+", "tun0"];

function conditions(random: Random, six: boolean, leaving: boolean): string {
  const not = () => (random(8) === 0 ? "! " : "");
  const words: string[] = [];
  const device = (option: string) => words.push(`${not()}${option} ${PATTERNS[random(PATTERNS.length)]}`);
  if (random(3) === 0) device("-i");
  if (leaving && random(3) === 0) device("-o");
  if (random(2)) words.push(`${not()}-s ${network(random, six)}`);
  if (random(2)) words.push(`${not()}-d ${network(random, six)}`);
  const protocol = ["tcp", "udp", six ? "ipv6-icmp" : "icmp", "", ""][random(5)];
  if (!protocol) {
    if (random(4) === 0) {
      const [a, b] = [random(40), random(40)].sort((x, y) => x - y);
      const base = six ? "2001:db8:1::" : "10.0.1.";
      const text = (n: number) => base + (six ? n.toString(16) : n);
      words.push(`-m iprange ${not()}--${random(2) ? "src" : "dst"}-range ${text(a!)}-${text(b!)}`);
    }
    return words.join(" ");
  }
  words.push(`${protocol.includes("icmp") ? not() : ""}-p ${protocol}`);
  if (protocol.includes("icmp")) return words.join(" ");
  const kind = random(8);
  if (kind < 4) words.push(`-m ${protocol} ${not()}--dport ${range(random)}`);
  else if (kind < 5) words.push(`-m ${protocol} ${not()}--sport ${range(random)}`);
  else if (kind < 7) {
    const list = [range(random), range(random), range(random)].join(",");
    words.push(`-m multiport ${not()}--${["sports", "dports", "ports"][random(3)]} ${list}`);
  }
  return words.join(" ");
}

function targetOf(random: Random, chains: readonly string[]): string {
  const kind = random(100);
  if (kind < 1) return "-j ACCEPT";
  if (kind < 2) return "-j DROP";
  if (kind < 4) return "-j RETURN";
  if (kind < 30 && chains.length > 0) return `-${random(9) ? "j" : "g"} ${chains[random(chains.length)]}`;
  return kind < 60 ? "" : `-j MARK --set-xmark 0x${(1 << random(MARKED)).toString(16)}/0x0`;
}

/** Chains call only those behind them, so that there are no loops. */
function rulesetText(random: Random, six: boolean): string {
  const users = ["A", "B", "C"];
  const hooks = ["PREROUTING", "FORWARD"];
  const lines = ["*mangle", ...hooks.map((name) => `:${name} ACCEPT [0:0]`)];
  lines.push(...users.map((name) => `:${name} - [0:0]`));
  [...hooks, ...users].forEach((chain, i) => {
    for (let n = 0; n < RULES / (i + 1); n++) {
      // A packet that has no device to leave by yet meets rules about one in user chains.
      const some = conditions(random, six, chain !== "PREROUTING");
      const known = n < 2 && i < hooks.length ? "-m conntrack --ctstate INVALID" : some;
      lines.push(`-A ${chain} ${known} ${targetOf(random, users.slice(Math.max(0, i + 1 - hooks.length)))}`);
    }
  });
  return [...lines, "COMMIT", ""].join("\n");
}

function packet(random: Random, six: boolean): Uint8Array {
  const ends = { src: address(random, six), dst: address(random, six) };
  const ports = { sport: PORTS[random(PORTS.length)]!, dport: PORTS[random(PORTS.length)]! };
  return [
    () => tcp({ ...ends, ...ports, flags: "SYN" }),
    () => udp({ ...ends, ...ports }),
    () => icmp({ ...ends, type: "echo-request", id: 1 }),
  ][random(six ? 2 : 3)]!();
}

/** Each network lies behind a device of its own. */
function networkOf(six: boolean) {
  return {
    interfaces: Object.fromEntries(DEVICES.map((name) => [name, []])),
    routes: DEVICES.map((dev, net) => ({ to: six ? `2001:db8:${net}::/48` : `10.0.${net}.0/24`, dev })),
  };
}

describe.each(["ipv4", "ipv6"] as const)("%s", (family) => {
  it.each([1, 2, 3, 4, 5, 6])("as the naive walk, ruleset %i", async (seed) => {
    const six = family === "ipv6";
    const text = rulesetText(randomNumbers(seed), six);
    const seen = [];
    for (const classify of [true, false]) {
      const firewall = await Firewall.fromIptablesSave({}, networkOf(six));
      const { engine } = internalsOf(firewall.conntrack);
      const program = new RuleProgram(engine, { helper: () => 0, timeoutPolicy: () => 0, set: () => 0 });
      program.load([parseRuleset(text, { family })], classify);
      const random = randomNumbers(1000 + seed);
      const results = [];
      for (let i = 0; i < PACKETS; i++) {
        const bytes = packet(random, six);
        const wireLength = bytes.length;
        // Too short for its header: the first match of ports that sees it drops it.
        const cut = random(20) === 0 ? bytes.subarray(0, (six ? 40 : 20) + random(20)) : bytes;
        const { path, mark } = firewall.process(cut, {
          time: i,
          in: DEVICES[random(DEVICES.length)]!,
          wireLength,
        });
        results.push({ path, mark });
      }
      seen.push({ results, counters: printRuleset(program.save()[0]!, { counters: true }) });
    }
    expect(seen[0]!.counters).toContain("PREROUTING");
    expect(seen[0]!.counters.match(/^\[[1-9]/gm)?.length, "rules that matched").toBeGreaterThan(25);
    expect(seen[0]).toEqual(seen[1]);
  });
});
