/** Rulesets on the command line: `ctwasm test` and `ctwasm check`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { lint } from "../../src/cli/lint.js";
import { parsePacket } from "../../src/cli/packet-notation.js";
import { dissect } from "../../src/packet/index.js";
import { writePcap } from "../../src/pcap/index.js";
import { ctwasm, scratch } from "./ctwasm.js";

const write = (name: string, text: string) => {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
};

const HOME = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -i lan -j REJECT --reject-with icmp-port-unreachable
COMMIT
`;
write("home.rules", HOME);

const MACHINE = `# a home router
rules home.rules
interface lan 10.0.0.1/24
interface wan 198.51.100.1/24
route default wan
`;

const SPEC = `${MACHINE}
lan: tcp 10.0.0.2:4000 > 192.0.2.1:80 syn seq 100        => ACCEPT new out wan rule filter FORWARD 2 as 198.51.100.1:4000 > 192.0.2.1
wan: tcp 192.0.2.1:80 > 198.51.100.1:4000 syn+ack seq 500 ack 101 => ACCEPT established out lan
lan: tcp 10.0.0.2:4001 > 192.0.2.1:81 syn                => REJECT rule filter FORWARD 3
wan: udp 192.0.2.9:53 > 198.51.100.1:53 len 20           => DROP new rule filter INPUT policy   # nobody asked
+40s
local: icmp 198.51.100.1 > 192.0.2.1 echo-request id 7   => ACCEPT out wan
wan: icmp 192.0.2.1 > 198.51.100.1 echo-reply id 7       => ESTABLISHED
`;

describe("ctwasm test", () => {
  it("is content when all is as expected", () => {
    const run = ctwasm(["test", write("home.test", SPEC)]);
    expect(run.stdout.split("\n").filter((line) => !/^(ok .*|)$/.test(line))).toEqual([]);
    expect(run.status).toBe(0);
    expect(run.stderr).toContain("6 of 6 packets are as expected");
  });

  it("tells what was not, and why", () => {
    const wrong = SPEC.replace("=> REJECT rule filter FORWARD 3", "=> ACCEPT out wan");
    const run = ctwasm(["test", write("wrong.test", wrong), "--junit", join(scratch, "report.xml")]);
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(
      /^FAIL {2}.*wrong\.test:9: lan: tcp .*\n {6}verdict: expected ACCEPT, was REJECT\n {6}out: expected wan, was none\n {6}by -A FORWARD -i lan -j REJECT/m,
    );
    const report = readFileSync(join(scratch, "report.xml"), "utf8");
    expect(report).toContain('<testsuites tests="6" failures="1">');
    expect(report).toContain('line="9"><failure message="verdict: expected ACCEPT, was REJECT">');
    expect(report.match(/<testcase /g)).toHaveLength(6);
  });

  it("tells which rules no packet has matched", () => {
    const spec = `${MACHINE}lan: tcp 10.0.0.2:1 > 192.0.2.1:80 syn => ACCEPT\n`;
    const run = ctwasm(["test", write("coverage.test", spec), "--coverage"]);
    expect(run.stdout).toContain(
      "not matched: filter -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    );
    expect(run.stdout).toContain("not matched: filter -A FORWARD -i lan -j REJECT");
    expect(run.stdout).toContain("2 of 4 rules were matched by a packet.");
  });

  it("shows below a failure what every rule saw, and below everything with --trace", () => {
    const wrong = `${MACHINE}lan: tcp 10.0.0.2:1 > 192.0.2.1:81 syn => ACCEPT\n`;
    const seen = /FORWARD 2: no {2}-A FORWARD .*\n {10}yes .*\n {10}yes .*\n {10}no .*destination port 81\n/;
    expect(ctwasm(["test", write("why.test", wrong)]).stdout).toMatch(seen);
    const right = write("right.test", wrong.replace("ACCEPT", "REJECT with icmp-port-unreachable"));
    expect(ctwasm(["test", right]).stdout).toMatch(/^ok .*\n$/);
    expect(ctwasm(["test", right, "--trace"]).stdout).toMatch(seen);
  });

  it("takes packets from a capture", () => {
    const packets = ["tcp 10.0.0.2:1 > 192.0.2.1:80 syn", "tcp 10.0.0.2:2 > 192.0.2.1:81 syn"].map(
      (text, i) => ({
        bytes: parsePacket(text),
        time: 1000 * i,
      }),
    );
    writeFileSync(join(scratch, "two.pcap"), writePcap(packets, { linkType: 101 }));
    const spec = `${MACHINE}
lan: capture two.pcap 1 => ACCEPT new path PREROUTING,FORWARD,POSTROUTING
lan: capture two.pcap 2-2 => REJECT
lan: capture two.pcap => NEW out none
`;
    const run = ctwasm(["test", write("capture.test", spec)]);
    expect(run.stdout).toMatch(/^ok .*\nok .*\nFAIL .*\(packet 1\)\n {6}out: expected none, was wan\n/);
    expect(run.stderr).toContain("3 of 4 packets are as expected.");
  });

  it("reads JSON", () => {
    const packets = [
      {
        in: "lan",
        packet: "tcp 10.0.0.2:1 > 192.0.2.1:80 syn",
        expect: { verdict: "ACCEPT", as: "198.51.100.1 > 192.0.2.1:80" },
      },
      {
        in: "wan",
        packet: "tcp 192.0.2.1:80 > 198.51.100.1:1 syn+ack ack 1",
        after: "2s",
        expect: { ctState: "ESTABLISHED", out: "lan" },
      },
      { name: "mail", in: "lan", packet: "tcp 10.0.0.2:1 > 192.0.2.1:25 syn", expect: { with: "tcp-reset" } },
    ];
    const spec = {
      rules: "home.rules",
      interfaces: { lan: ["10.0.0.1/24"], wan: ["198.51.100.1/24"] },
      routes: [{ to: "default", dev: "wan" }],
      sysctl: { nf_conntrack_tcp_loose: 0 },
      packets,
    };
    const schema = JSON.parse(readFileSync("docs/schema/test.schema.json", "utf8")) as object;
    const isRight = new Ajv2020({ strictRequired: false }).compile(schema);
    expect(isRight(spec)).toBe(true);
    const run = ctwasm(["test", write("spec.json", JSON.stringify(spec))]);
    expect(run.stdout).toMatch(
      /^ok .*spec\.json:1: lan: tcp.*\nok .*\nFAIL .*spec\.json:3: mail\n {6}with: expected tcp-reset, was icmp-port-unreachable\n/,
    );
    const wrong = { ...spec, packets: [{ ...packets[0], expect: { verdict: "MAYBE" } }] };
    expect(isRight(wrong)).toBe(false);
    expect(ctwasm(["test", write("spec.json", JSON.stringify(wrong))])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        "spec.json: packets[0]: expect.verdict: expected ACCEPT, DROP, REJECT, STOLEN",
      ),
    });
  });

  it("adds up which rules all specifications have matched, whatever the rules had counted before", () => {
    write("counted.rules", HOME.replace(/^-A/gm, "[7:420] -A"));
    const machine = MACHINE.replace("home.rules", "counted.rules");
    const specs = ["80 syn => ACCEPT", "81 syn => REJECT"].map((end, i) =>
      write(`part${i}.test`, `${machine}lan: tcp 10.0.0.2:1 > 192.0.2.1:${end}\n`),
    );
    const run = ctwasm(["test", ...specs, "--coverage", "--min-coverage", "80"]);
    expect(run.stdout).toMatch(
      /not matched: filter -A FORWARD -m conntrack .*\n3 of 4 rules were matched by a packet\.\n$/,
    );
    expect(run.stderr).toContain("75.0 % of the rules were matched, not 80 %.");
    expect(run.status).toBe(1);
    expect(ctwasm(["test", ...specs, "--min-coverage", "75"]).status).toBe(0);
  });

  it("tries other rules on the same specification", () => {
    const file = write("home2.test", SPEC);
    const open = write(
      "open.rules",
      HOME.replace(/^-A FORWARD .*\n/gm, "").replace(":FORWARD DROP", ":FORWARD ACCEPT"),
    );
    const run = ctwasm(["test", file, "--rules", open]);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("verdict: expected REJECT, was ACCEPT");
  });

  it.each([
    ["nonsense 1\n", 2, /:1: nonsense is none of rules/],
    ["lan: tcp 10.0.0.1 > 10.0.0.2:1 syn => ACCEPT\n", 2, /:1: 10\.0\.0\.1 needs a port/],
    ["lan: tcp 10.0.0.1:1 > 10.0.0.2:1 syn => MAYBE\n", 2, /:1: MAYBE is no verdict/],
    ["lan: tcp 10.0.0.1:1 10.0.0.2:1 => ACCEPT\n", 2, /:1: expected PROTOCOL FROM > TO/],
    ["interface lan 10.0.0.1/24\n", 2, /no packet/],
    ["eth7: udp 10.0.0.1:1 > 10.0.0.2:1 => ACCEPT\n", 2, /eth7/],
    ["lan: capture none.pcap => ACCEPT\n", 3, /:1: .*none\.pcap/],
    ["lan: udp 10.0.0.1:1 > 10.0.0.2:1 => ACCEPT path NOWHERE\n", 2, /:1: path is no verdict/],
    ['{"packets": [{"in": "lan", "packet": "udp", "expects": {}}]}', 2, /packets\[0\]: expects is none of/],
    ["{", 2, /no JSON/],
    [
      "rules missing.rules\ninterface lan 10.0.0.1/24\nlan: udp 10.0.0.1:1 > 10.0.0.2:1 => ACCEPT\n",
      3,
      /missing\.rules/,
    ],
  ])("refuses %j", (text, status, message) => {
    const run = ctwasm(["test", write("bad.test", text)]);
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(status);
  });
});

describe("ctwasm check", () => {
  it("finds nothing in a good ruleset", () => {
    const run = ctwasm(["check", join(scratch, "home.rules")]);
    expect(run).toMatchObject({ status: 0, stdout: "" });
    expect(run.stderr).toContain("4 rules, 0 findings");
  });

  it("names the place of what iptables-restore refuses", () => {
    const run = ctwasm(["check", write("broken.rules", HOME.replace("--dport 80", "--dprot 80"))]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/CT_BAD_RULE: line 13, column 33: .*--dprot/);
    expect(ctwasm(["check", join(scratch, "none.rules")]).status).toBe(3);
    expect(ctwasm(["check"]).status).toBe(2);
  });

  const filter = (rules: string) =>
    `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}COMMIT\n`;

  it.each([
    ["-A INPUT -j DROP\n-A INPUT -p tcp -j ACCEPT\n", "filter INPUT 2", "never reached"],
    [
      "-A INPUT -s 10.0.0.1/32 -j DROP\n-A INPUT -s 10.0.0.1/32 -j ACCEPT\n",
      "filter INPUT 2",
      "never matches",
    ],
    ["-A INPUT -m state --state INVALID,NEW -j ACCEPT\n", "filter INPUT 1", "INVALID"],
    [":spare - [0:0]\n-A spare -j ACCEPT\n", "filter spare", "no rule leads"],
    ['-A INPUT -m helper --helper "ftp" -j ACCEPT\n', "filter INPUT 1", "helper ftp"],
    [
      `${[1, 2, 3, 4, 5].map((n) => `-A FORWARD -s 10.0.0.${n}/32 -j DROP\n`).join("")}-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n`,
      "filter FORWARD 6",
      "comes late",
    ],
  ])("finds %j", (rules, place, problem) => {
    const run = ctwasm(["check", write("odd.rules", filter(rules))]);
    expect(run.stdout).toContain(`ipv4 ${place}: `);
    expect(run.stdout).toContain(problem);
    expect(run.status).toBe(1);
  });

  it("takes what counts packets for no repetition", () => {
    const rule = "-A INPUT -m limit --limit 1/sec -j ACCEPT\n";
    expect(lint(filter(rule + rule))).toEqual([]);
  });
});

describe("packets written short", () => {
  it.each([
    [
      "tcp 10.0.0.1:1 > 10.0.0.2:2 syn+ack seq 5 ack 6 win 7 len 8",
      { sport: 1, dport: 2, tcp: { flags: ["SYN", "ACK"], seq: 5, ack: 6, window: 7 } },
    ],
    [
      "udp [2001:db8::1]:1 > [2001:db8::2]:53 len 9 ttl 3",
      { family: "ipv6", src: "2001:db8::1", dport: 53, ttl: 3 },
    ],
    ["icmp 10.0.0.1 > 10.0.0.2 echo-reply id 9", { icmp: { type: 0, icmpId: 9 } }],
    ["icmp6 2001:db8::1 > 2001:db8::2", { protocol: 58, icmp: { type: 128 } }],
    ["47 10.0.0.1 > 10.0.0.2 len 4", { protocol: 47 }],
  ])("%s", (text, expected) => {
    expect(dissect(parsePacket(text))).toMatchObject(expected);
  });
});

describe("captures through rules", () => {
  const MACHINE = [
    ...["--rules", join(scratch, "home.rules")],
    ...["--interface", "lan=10.0.0.1/24", "--interface", "wan=198.51.100.1/24", "--route", "default=wan"],
  ];
  const RAW = 101;
  const capture = join(scratch, "home.pcap");
  const packets = [
    "tcp 10.0.0.2:4000 > 192.0.2.1:80 syn seq 100",
    "tcp 192.0.2.1:80 > 198.51.100.1:4000 syn+ack seq 500 ack 101",
    "tcp 10.0.0.2:4001 > 192.0.2.1:81 syn",
    "udp 192.0.2.9:53 > 198.51.100.1:53",
  ];
  writeFileSync(
    capture,
    writePcap(packets.map((text, i) => ({ bytes: parsePacket(text), time: 1000 * i, linkType: RAW }))),
  );

  it("are translated and refused as the rules say", () => {
    const run = ctwasm(["replay", capture, ...MACHINE]);
    expect(run.lines).toHaveLength(1);
    expect(run.lines[0]).toMatch(
      /SYN_RECV src=10\.0\.0\.2 dst=192\.0\.2\.1 .* src=192\.0\.2\.1 dst=198\.51\.100\.1 /,
    );
    expect(run.stderr).toContain("1 NEW, 1 ESTABLISHED, 0 RELATED, 0 INVALID, 0 UNTRACKED, 2 dropped");
    expect(ctwasm(["replay", capture]).stderr).toContain("0 dropped");
  });

  it("are told with the rule that refused them", () => {
    const run = ctwasm(["replay", capture, ...MACHINE, "--only", "drop,reject", "--fail-on", "reject"]);
    expect(run.status).toBe(1);
    expect(run.lines).toHaveLength(2);
    expect(run.lines[0]).toMatch(/^3 .* REJECT .*-A FORWARD -i lan -j REJECT .*\(filter FORWARD 3\)$/);
    expect(run.lines[1]).toMatch(/^4 .* DROP .*\(filter INPUT policy\)$/);
    expect(ctwasm(["explain", "--packet", "3", ...MACHINE, capture]).stdout).toContain("(filter FORWARD 3)");
  });

  it("are explained rule by rule", () => {
    const args = ["explain", "--packet", "3", ...MACHINE, capture];
    expect(ctwasm(args).stdout).toMatch(
      /^filter FORWARD 2: no {2}-A FORWARD -i lan .*\n {4}yes {2}-i lan .*comes by lan\n.*\n {4}no .*destination port 81\nfilter FORWARD 3: yes/m,
    );
    const { exchanges } = JSON.parse(ctwasm([...args, "-o", "json"]).stdout) as {
      exchanges: { verdict: string; rules: { chain: string; matches: { seen: string }[] }[] }[];
    };
    expect(exchanges.at(-1)).toMatchObject({ verdict: "REJECT" });
    expect(exchanges.at(-1)?.rules.at(-1)?.matches).toEqual([
      { text: "-i lan", matched: true, seen: "comes by lan" },
    ]);
  });

  it("need to know the machine", () => {
    expect(ctwasm(["replay", capture, "--rules", join(scratch, "home.rules")]).stderr).toContain(
      "--interface",
    );
    expect(ctwasm(["replay", capture, "--interface", "lan=10.0.0.1/24"]).status).toBe(2);
    expect(ctwasm(["replay", capture, ...MACHINE, "--interface", "dmz=nonsense"]).status).toBe(2);
  });
});
