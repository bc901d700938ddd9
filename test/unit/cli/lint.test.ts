/** What `ctwasm check` finds, and what it must leave alone. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { covers } from "../../../src/cli/covers.js";
import { lint } from "../../../src/cli/lint.js";
import { Firewall } from "../../../src/firewall.js";
import { icmp, tcp, udp } from "../../../src/packet/index.js";
import { parseRuleset } from "../../../src/rules/index.js";
import { randomNumbers } from "../../property/harness.js";

const NEXT = "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";

function filter(...rules: readonly string[]): string {
  const chains = [":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"];
  return ["*filter", ...chains, ...rules, "COMMIT", ""].join("\n");
}

/** "INPUT 2: never matches": place and beginning of each problem. */
function said(text: string, family: "ipv4" | "ipv6" = "ipv4"): string[] {
  return lint(text, family).map(({ place, problem }) => `${place}: ${/^\w+ \w+/.exec(problem)?.[0]}`);
}

describe("a rule never matches behind one that", () => {
  it.each([
    ["is for a wider network", "-s 10.0.0.0/8", "-s 10.1.0.0/16 -p tcp -m tcp --dport 22"],
    ["is for more ports", "-p tcp -m tcp --dport 1:1023", "-p tcp -m tcp --sport 9 --dport 22"],
    ["is for more ports there", "-p tcp -m tcp --sport 22", "-p tcp -m tcp --sport 22 --dport 80"],
    ["lists the port", "-p tcp -m multiport --dports 22,80:90", "-p tcp -m tcp --dport 85"],
    [
      "is for a range that has them all",
      "-p tcp -m tcp --dport 1:99",
      "-p tcp -m multiport --dports 22,80:90",
    ],
    ["is for all interfaces that begin so", "-i eth+", "-i eth0 -s 10.0.0.1/32"],
    ["is for more states", "-m state --state NEW,ESTABLISHED", "-m conntrack --ctstate NEW --ctdir ORIGINAL"],
    ["is for all other states", "-m conntrack ! --ctstate INVALID", "-m state --state RELATED,NEW"],
    ["is for all but another network", "! -s 10.0.0.0/8", "-s 192.0.2.0/24"],
    ["leaves out less", "! -s 10.0.0.0/24", "! -s 10.0.0.0/8"],
    ["has a comment alone in excess", '-p udp -m comment --comment "all"', "-p udp -m udp --dport 53"],
  ])("%s", (_, wide, narrow) => {
    expect(said(filter(`-A INPUT ${wide} -j DROP`, `-A INPUT ${narrow} -j ACCEPT`))).toEqual([
      "filter INPUT 2: never matches",
    ]);
    expect(said(filter(`-A INPUT ${narrow} -j DROP`, `-A INPUT ${wide} -j DROP`))).toEqual([]);
  });

  it("decides by sending packets to a chain that none leaves", () => {
    const rules = [":all - [0:0]", "-A INPUT -p tcp -j all", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"];
    expect(said(filter(...rules, "-A all -j DROP"))).toEqual(["filter INPUT 2: never matches"]);
    expect(said(filter(...rules, "-A all -s 10.0.0.1/32 -j RETURN", "-A all -j DROP"))).toEqual([]);
    expect(said(filter(...rules, "-A all -p udp -j DROP"))).toEqual([]);
  });
});

describe("a rule that can match stays so", () => {
  it.each([
    ["when the one before counts", "-p tcp -m limit --limit 1/sec -j ACCEPT", "-p tcp -j DROP"],
    ["when the one before goes on", "-p tcp -j LOG", "-p tcp -j DROP"],
    ["when it is for more", "-s 10.0.0.0/24 -j DROP", "-s 10.0.0.0/8 -j DROP"],
    ["when the networks only share bits", "-s 10.0.0.0/255.0.0.255 -j DROP", "-s 10.1.0.0/16 -j DROP"],
    [
      "when ports are those of the other end",
      "-p tcp -m tcp --sport 22 -j DROP",
      "-p tcp -m tcp --dport 22 -j DROP",
    ],
    [
      "when either end will do",
      "-p tcp -m multiport --dports 22 -j DROP",
      "-p tcp -m multiport --ports 22 -j DROP",
    ],
    [
      "when the state may be another",
      "-m conntrack ! --ctstate NEW -j DROP",
      "-m state --state NEW,ESTABLISHED -j DROP",
    ],
    [
      "when flags are asked for",
      "-p tcp -m tcp --tcp-flags SYN SYN -j DROP",
      "-p tcp -m tcp --dport 1 -j DROP",
    ],
    ["of another protocol", "-p tcp -j DROP", "-j ACCEPT"],
  ])("%s", (_, first, second) => {
    expect(said(filter(`-A INPUT ${first}`, `-A INPUT ${second}`))).toEqual([]);
  });

  it("when what it asks for has been changed in between", () => {
    const text = (between: string) =>
      `*mangle\n-A FORWARD -m mark --mark 0x1 -j ACCEPT\n${between}-A FORWARD -m mark --mark 0x1 -j DROP\nCOMMIT\n`;
    expect(said(text(""))).toEqual(["mangle FORWARD 2: never matches"]);
    expect(said(text("-A FORWARD -p tcp -j MARK --set-mark 0x1\n"))).toEqual([]);
  });
});

describe("states", () => {
  it("answers that come late, behind other chains, too", () => {
    const chain = Array.from({ length: 5 }, (_, i) => `-A bad -s 192.0.2.${i}/32 -j DROP`);
    const rules = [":bad - [0:0]", ...chain];
    expect(said(filter(...rules, "-A INPUT -j bad", NEXT))).toEqual(["filter INPUT 2: comes late"]);
    expect(said(filter(...rules, "-A INPUT -p tcp -j bad", NEXT))).toEqual([]);
    expect(said(filter(...rules, NEXT, "-A INPUT -j bad"))).toEqual([]);
  });

  it("answers that nothing lets pass", () => {
    const text = (end: string) =>
      filter("-A INPUT -p tcp -m tcp --dport 22 -m state --state NEW -j ACCEPT", end);
    expect(said(text("-A INPUT -j DROP"))).toEqual(["filter INPUT 1: accepts new"]);
    expect(said(text("-A INPUT -p udp -j DROP"))).toEqual([]);
  });

  it("INVALID packets that are let in", () => {
    expect(said(filter("-A INPUT -m state --state INVALID,NEW -j ACCEPT"))).toEqual([
      "filter INPUT 1: accepts INVALID",
    ]);
    expect(said(filter("-A FORWARD -m conntrack ! --ctstate NEW -j ACCEPT"))).toEqual([
      "filter FORWARD 1: accepts INVALID",
    ]);
    expect(said(filter("-A INPUT -m conntrack ! --ctstate INVALID -j ACCEPT"))).toEqual([]);
    expect(said(filter("-A OUTPUT -m state --state INVALID -j ACCEPT"))).toEqual([]);
  });

  it("INVALID packets that leave with inside addresses", () => {
    const nat = "*nat\n-A POSTROUTING -o wan -j MASQUERADE\nCOMMIT\n";
    const rule = NEXT.replace("INPUT", "FORWARD");
    expect(said(nat + filter(rule))).toEqual(["filter FORWARD: lets INVALID"]);
    expect(said(nat + filter("-A FORWARD -m state --state INVALID -j DROP", rule))).toEqual([]);
    expect(said(nat + filter(rule, "-A FORWARD -j DROP"))).toEqual([]);
    expect(said(filter(rule))).toEqual([]);
  });

  it("states that the raw table cannot know", () => {
    const raw = (state: string) => `*raw\n-A PREROUTING -m conntrack --ctstate ${state} -j DROP\nCOMMIT\n`;
    expect(said(raw("NEW"))).toEqual(["raw PREROUTING 1: asks for"]);
    expect(said(raw("UNTRACKED"))).toEqual([]);
  });
});

it("helpers that no rule gives", () => {
  const rule = '-A INPUT -m helper --helper "ftp-2121" -j ACCEPT';
  const raw = "*raw\n-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp\nCOMMIT\n";
  expect(said(filter(rule))).toEqual(["filter INPUT 1: no rule"]);
  expect(said(raw + filter(rule))).toEqual([]);
});

it.each([
  "docker",
  "fail2ban",
  "firewalld",
  "kube-proxy",
  "router",
  "shorewall",
  "ufw-ipv4",
  "ufw-ipv6",
  "router6",
])("the rules that %s makes have nothing that never matches", (name) => {
  const text = readFileSync(new URL(`../rules/rulesets/${name}.rules`, import.meta.url), "utf8");
  const findings = lint(text, name.endsWith("6") ? "ipv6" : "ipv4");
  expect(findings.filter(({ problem }) => problem.startsWith("never"))).toEqual([]);
});

it("when one rule's conditions cover another's, no packet shows the opposite", async () => {
  const random = randomNumbers(7);
  const pick = <T>(of: readonly T[]): T => of[random(of.length)] as T;
  const not = () => (random(4) === 0 ? "! " : "");
  const address = () => `10.${random(2)}.${random(2)}.${random(3)}`;
  const port = () => pick([1, 2, 3, 4]);
  const range = () => pick([`${port()}`, "1:2", "2:4"]);
  const list = () => pick(["1", "1,3", "2:3", "1,3:4"]);
  const ports = () =>
    pick([
      "",
      `-m udp ${not()}--dport ${range()}`,
      `-m udp --sport ${range()} ${not()}--dport ${range()}`,
      `-m multiport ${not()}--${pick(["dports", "sports", "ports"])} ${list()}`,
    ]);
  const states = () =>
    `${pick([`-m state ${not()}--state`, `-m conntrack ${not()}--ctstate`])} ${pick(["NEW", "NEW,INVALID", "ESTABLISHED"])}`;
  const conditions = () =>
    [
      random(2) ? `${not()}-s ${address()}/${pick([8, 16, 24, 31, 32])}` : "",
      random(3) ? "" : `${not()}-i ${pick(["lan", "la+", "wan"])}`,
      random(3) ? `-p udp ${ports()}` : pick(["", `${not()}-p tcp`]),
      random(3) ? "" : states(),
    ].join(" ");
  const rule = (text: string) =>
    parseRuleset(filter(`-A FORWARD ${text}`), { family: "ipv4" }).tables[0]!.chains.find(
      ({ name }) => name === "FORWARD",
    )!.rules[0]!;
  const pairs: [wide: string, narrow: string][] = [];
  for (let i = 0; i < 3000; i++) {
    const [wide, narrow] = [conditions(), conditions()];
    if (wide.trim() !== "" && covers(rule(wide), rule(narrow))) pairs.push([wide, narrow]);
  }
  expect(pairs.length).toBeGreaterThan(50);
  const chains = pairs.flatMap(([wide, narrow], i) => [
    `:pair${i} - [0:0]`,
    `-A FORWARD ${narrow} -j pair${i}`,
    `-A pair${i} ${wide} -j RETURN`,
    `-A pair${i} -j MARK --set-mark ${i + 1}`,
  ]);
  const fw = await Firewall.fromIptablesSave(
    { ipv4: filter(...chains).replaceAll("filter", "mangle") },
    {
      interfaces: { lan: ["192.0.2.1/24"], wan: ["198.51.100.1/24"] },
      routes: [{ to: "default", dev: "wan" }],
    },
  );
  for (let time = 0; time < 400; time++) {
    const ends = { src: address(), dst: address(), sport: port(), dport: port() };
    const packet = pick([
      () => udp(ends),
      () => udp({ ...ends, src: ends.dst, dst: ends.src }),
      () => tcp({ ...ends, flags: "SYN" }),
      () => icmp({ ...ends, type: "echo-reply" }),
    ])();
    const { mark } = fw.process(packet, { time, in: pick(["lan", "wan"]) });
    expect(mark, `${pairs[mark - 1]}`).toBe(0);
  }
});
