import { describe, expect, it } from "vitest";
import { parseRuleset } from "../../../src/rules/parse.js";
import { printRuleset } from "../../../src/rules/print.js";
import type { Rule, Ruleset } from "../../../src/rules/ruleset.js";
import { SourceError } from "../../../src/text/source.js";

const parse = (...lines: string[]) => parseRuleset(`${lines.join("\n")}\n`, { family: "ipv4" });

/** The table filter with these lines in it. */
const filter = (...lines: string[]) => parse("*filter", ...lines, "COMMIT");

function rulesOf({ tables }: Ruleset): Rule[] {
  return tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules));
}

const textsOf = (ruleset: Ruleset) => rulesOf(ruleset).map(({ text }) => text);

function errorOf(...lines: string[]): SourceError {
  try {
    parse(...lines);
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error("accepted");
}

describe("the text", () => {
  it("may be empty", () => {
    expect(parse("").tables).toEqual([]);
    expect(parseRuleset("", { family: "ipv6" })).toEqual({ family: "ipv6", tables: [] });
  });

  it("has comments and empty lines, blanks between words, and a table's base chains whether named or not", () => {
    const text = "# a comment\n\n*filter\n# another\n-A\tINPUT   -j  ACCEPT  \nCOMMIT";
    const ruleset = parseRuleset(text, { family: "ipv4" });
    expect(printRuleset(ruleset)).toBe(
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n",
    );
  });

  it("holds words together in double quotes, where a backslash takes the next character as it is", () => {
    const comment = (word: string) => {
      const [match] = rulesOf(filter(`-A INPUT -m comment --comment ${word} -j ACCEPT`))[0]?.matches ?? [];
      return match?.name === "comment" ? match.comment : undefined;
    };
    expect(comment('"a b"')).toBe("a b");
    expect(comment('"a\\"b\\\\c"')).toBe('a"b\\c');
    expect(comment("a\\b")).toBe("a\\b");
    expect(comment("it's")).toBe("it's");
    expect(comment('""')).toBe("");
    expect(comment('x"y z"')).toBe("xy z");
    expect(errorOf("*filter", '-A INPUT -m comment --comment "a', "COMMIT").problem).toBe(
      "the quote does not end",
    );
  });

  it.each([
    [["-A INPUT"], 1, 1, "no table has begun"],
    [["*filter"], 2, 1, "the table filter does not end"],
    [["*filters", "COMMIT"], 1, 2, 'no table is called "filters"'],
    [["*filter", " COMMIT"], 2, 2, '"COMMIT" cannot stand here'],
    [["*filter", "*nat", "COMMIT"], 2, 1, '"*nat" cannot stand here'],
    [["*filter", "COMMIT", "COMMIT"], 3, 1, "no table has begun"],
    [["*filter\r", "COMMIT\r"], 1, 9, "lines end with a carriage return"],
    [["*filter", "   ", "COMMIT"], 2, 4, "the line has no command"],
    [["*filter", `-A INPUT -i ${"x".repeat(10240)}`, "COMMIT"], 2, 1, "the line has more than 10239 bytes"],
    [
      ["*filter", `-A INPUT -m comment --comment ${"x".repeat(1024)}`, "COMMIT"],
      2,
      31,
      "the word has more than 1023 bytes",
    ],
  ])("%j is refused", (lines, line, column, problem) => {
    expect(errorOf(...lines)).toMatchObject({ code: "CT_BAD_RULE", line, column, problem });
  });

  it("shows a long line around the place, and tabs as they are", () => {
    const { message } = errorOf(
      "*filter",
      `-A INPUT\t${"-i eth0 ".repeat(1)}${"-p tcp ".repeat(30)}-j ACCEPT`,
      "COMMIT",
    );
    const [, shown = "", caret = ""] = message.split("\n");
    expect(shown.length).toBeLessThan(130);
    expect(shown.slice(caret.indexOf("^")).startsWith("-p tcp")).toBe(true);
    const tabbed = errorOf("*filter", "-A\tINPUT\t-x", "COMMIT").message.split("\n");
    expect(tabbed.slice(1)).toEqual(["-A\tINPUT\t-x", "  \t     \t^~"]);
  });
});

describe("chains", () => {
  it("keep policies and counters", () => {
    const [table] = filter(":INPUT DROP [5:600]", ":z - [0:0]", ":a - [0:0]", "[7:8] -A a -j z").tables;
    expect(table?.chains.map(({ name, policy }) => [name, policy])).toEqual([
      ["INPUT", "DROP"],
      ["FORWARD", "ACCEPT"],
      ["OUTPUT", "ACCEPT"],
      ["a", undefined],
      ["z", undefined],
    ]);
    expect(table?.chains[0]).toMatchObject({ packets: 5n, bytes: 600n });
    expect(table?.chains[3]?.rules[0]).toMatchObject({ packets: 7n, bytes: 8n, line: 5, column: 7 });
  });

  it("keep counters of 64 bits", () => {
    const text = "*filter\n:INPUT DROP [18446744073709551615:9007199254740993]\n";
    expect(printRuleset(parseRuleset(`${text}COMMIT\n`, { family: "ipv4" }))).toContain(text);
  });

  it.each([
    [":INPUT", "the line ends too early"],
    [":INPUT DENY [0:0]", '"DENY" cannot stand here'],
    [":INPUT ACCEPT [0]", '"[0]" cannot stand here'],
    [":INPUT ACCEPT [0:18446744073709551616]", '"[0:18446744073709551616]" cannot stand here'],
    [":INPUT ACCEPT [0:0] more", '"more" cannot stand here'],
    [":own ACCEPT [0:0]", '"own" is no base chain of the table filter: it has no policy'],
    [":PREROUTING ACCEPT [0:0]", '"PREROUTING" is no base chain of the table filter: it has no policy'],
    [`:${"x".repeat(29)} - [0:0]`, `"${"x".repeat(29)}" cannot stand here`],
    [":-x - [0:0]", "the name of a chain cannot begin with - or !"],
    ["[1:2 -A INPUT", "the counters do not end"],
    ["[x:2] -A INPUT", '"[x:2]" cannot stand here'],
    ["-A own", 'the table filter has no chain "own"'],
    ["-N INPUT", 'the chain "INPUT" exists already'],
    ["-N LOG", '"LOG" is a target, no name for a chain'],
    ['-N "a b"', "the name of a chain cannot contain blanks"],
    ["-P INPUT REJECT", '"REJECT" cannot stand here'],
  ])("%s is refused", (line, problem) => {
    expect(errorOf("*filter", line, "COMMIT")).toMatchObject({ line: 2, problem });
  });

  it("are declared once", () => {
    expect(errorOf("*filter", ":a - [0:0]", ":a - [0:0]", "COMMIT")).toMatchObject({ line: 3, column: 2 });
  });

  it("must not lead back to themselves, when packets can get there", () => {
    const chains = [":a - [0:0]", ":b - [0:0]"];
    const error = errorOf("*filter", ...chains, "-A a -p tcp -j b", "-A b -g a", "-A INPUT -j a", "COMMIT");
    expect(error).toMatchObject({ line: 5, column: 9, problem: "the chain a leads back to itself" });
    expect(textsOf(filter(...chains, "-A a -j b", "-A b -j a"))).toHaveLength(2);
    expect(textsOf(filter(":a - [0:0]", "-A INPUT -j a", "-A a -j RETURN", "-A a -j a"))).toHaveLength(3);
    expect(errorOf("*filter", ":a - [0:0]", "-A a -j a", "-A OUTPUT -j a", "COMMIT").line).toBe(3);
  });

  it("may lie deep in each other", () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `c${i}`);
    const jumps = names.slice(1).map((name, i) => `-A c${i} -j ${name}`);
    const text = [
      "*filter",
      ...names.map((name) => `:${name} - [0:0]`),
      ...jumps,
      "-A INPUT -j c0",
      "COMMIT\n",
    ];
    expect(rulesOf(parseRuleset(text.join("\n"), { family: "ipv4" }))).toHaveLength(20_000);
  });

  it("hold their rules to the hooks that they are reached from", () => {
    const own = ":own - [0:0]";
    const mac = "-A own -m mac --mac-source 00:11:22:33:44:55";
    expect(textsOf(filter(own, mac))).toHaveLength(1);
    expect(textsOf(filter(own, "-A INPUT -j own", mac))).toHaveLength(2);
    expect(errorOf("*filter", own, "-A OUTPUT -j own", mac, "COMMIT").problem).toBe(
      "mac cannot be reached from OUTPUT, only from PREROUTING, INPUT, FORWARD",
    );
  });

  it.each([
    ["-A INPUT -j FORWARD", "rules cannot lead to a base chain"],
    ["-A INPUT -j nowhere", 'no target or chain is called "nowhere"'],
    ["-A INPUT -g ACCEPT", 'no chain is called "ACCEPT"'],
    ["-A INPUT -j ACCEPT -j DROP", "the rule already has a target"],
    ["-A INPUT -j NFQUEUE", "the target NFQUEUE is not supported"],
    ["-A INPUT -m bpf --bytecode 1", "the match bpf is not supported"],
    ["-A INPUT -p dccp --dport 5", "the match dccp is not supported"],
    ["-A INPUT -m nonsense", 'no match is called "nonsense"'],
    ["-A INPUT -m hl --hl-eq 5", "IPv4 has no match hl"],
    ["-A INPUT -o eth0", "a packet in INPUT has no --out-interface"],
    ["-A OUTPUT -i eth0", "a packet in OUTPUT has no --in-interface"],
    ["-A INPUT --dport 5", '"--dport" is no option here'],
    ["-A INPUT -p tcp --dprt 5", '"--dprt" is no option here'],
    ["-A INPUT -p tcp -m tcp --source 5 --s 6", '"--s" is ambiguous'],
    ["-A INPUT -p tcp --syn=5", "--syn takes no value"],
    ["-A INPUT -s example.com", '"example.com" is a name: addresses have to be numbers'],
    ["-A INPUT -t filter", "-t cannot be used: a line with * names the table"],
    ["-A INPUT -C INPUT", "-C is no command that iptables-restore takes"],
    ["-A INPUT -s", "-s lacks its argument"],
    ["-A INPUT -I INPUT", "the line already has the command -A"],
    ["-F INPUT -s 1.2.3.4", "-F takes no rule"],
    ["-A INPUT -c 5", "a second argument is missing"],
    ["-A INPUT -y", "-y is no option"],
  ])("%s is refused", (line, problem) => {
    expect(errorOf("*filter", line, "COMMIT")).toMatchObject({ line: 2, problem });
  });
});

describe("commands", () => {
  it("insert, replace and delete rules", () => {
    const lines = [
      "-A INPUT -j ACCEPT",
      "-I INPUT 2 -j DROP",
      "-I INPUT 3 -s 1.1.1.1",
      "-D INPUT 1",
      "-R INPUT 1 -j RETURN",
      "-I INPUT -s 2.2.2.2,3.3.3.3",
      "-D INPUT -s 2.2.2.2",
    ];
    expect(textsOf(filter(...lines))).toEqual([
      "-A INPUT -s 3.3.3.3/32",
      "-A INPUT -j RETURN",
      "-A INPUT -s 1.1.1.1/32",
    ]);
    expect(errorOf("*filter", "-I INPUT 2", "COMMIT")).toMatchObject({
      column: 10,
      expected: "a number from 1 to 1",
    });
    expect(errorOf("*filter", "-D INPUT 1", "COMMIT").problem).toBe("the chain INPUT has 0 rules");
    expect(errorOf("*filter", "-D INPUT -j DROP", "COMMIT").problem).toBe("the chain INPUT has no such rule");
    expect(errorOf("*filter", "-A INPUT", "-R INPUT 1 -s 1.1.1.1,2.2.2.2", "COMMIT").line).toBe(3);
  });

  it("make, rename, empty and delete chains", () => {
    expect(textsOf(filter("-N a", "-A INPUT -j a", "-E a b", "-A b -j DROP"))).toEqual([
      "-A INPUT -j b",
      "-A b -j DROP",
    ]);
    expect(textsOf(filter("-N a", "-A a", "-A INPUT", "-F a"))).toEqual(["-A INPUT"]);
    expect(textsOf(filter("-N a", "-A a", "-A INPUT", "-F"))).toEqual([]);
    expect(filter("-N a", "-N b", "-X a").tables[0]?.chains.map(({ name }) => name)).toEqual([
      "INPUT",
      "FORWARD",
      "OUTPUT",
      "b",
    ]);
    expect(filter("-N a", "-X").tables[0]?.chains).toHaveLength(3);
    expect(errorOf("*filter", "-N a", "-A a", "-X a", "COMMIT").problem).toBe("the chain a still has rules");
    expect(errorOf("*filter", "-N a", "-A INPUT -j a", "-X", "COMMIT").problem).toBe(
      "the rule in line 3 leads to the chain a",
    );
    expect(errorOf("*filter", "-X INPUT", "COMMIT").problem).toBe("base chains cannot be deleted");
    expect(errorOf("*filter", "-E INPUT x", "COMMIT").problem).toBe("base chains cannot be renamed");
  });

  it("set policies, and counters", () => {
    const [table] = filter(":INPUT ACCEPT [5:6]", "-P INPUT DROP", "-A INPUT -c 7 8", "-Z INPUT").tables;
    expect(table?.chains[0]).toMatchObject({ policy: "DROP", packets: 0n });
    expect(table?.chains[0]?.rules[0]).toMatchObject({ packets: 7n, bytes: 8n });
    expect(errorOf("*filter", "-N a", "-P a DROP", "COMMIT").problem).toBe("only base chains have a policy");
  });

  it("stand anywhere in their line, with options shortened and joined", () => {
    expect(
      textsOf(filter("-s 1.2.3.4 --ju ACCEPT -vA INPUT", "-A INPUT -fj DROP", "-A INPUT -s1.2.3.4")),
    ).toEqual(["-A INPUT -s 1.2.3.4/32 -j ACCEPT", "-A INPUT -f -j DROP", "-A INPUT -s 1.2.3.4/32"]);
  });
});

it("rules for one family are left out of the other", () => {
  const text = "*filter\n-4 -A INPUT -p tcp\n-6 -A INPUT -p udp\n-A INPUT -p sctp\nCOMMIT\n";
  expect(textsOf(parseRuleset(text, { family: "ipv4" }))).toEqual(["-A INPUT -p tcp", "-A INPUT -p sctp"]);
  expect(textsOf(parseRuleset(text, { family: "ipv6" }))).toEqual(["-A INPUT -p udp", "-A INPUT -p sctp"]);
});

it("several addresses make several rules", () => {
  const rules = rulesOf(filter("[3:4] -A INPUT -s 1.2.3.4,5.6.7.8/24 -d 1.1.1.1,2.2.2.2 -j DROP"));
  expect(rules.map(({ text }) => text)).toEqual([
    "-A INPUT -s 1.2.3.4/32 -d 1.1.1.1/32 -j DROP",
    "-A INPUT -s 1.2.3.4/32 -d 2.2.2.2/32 -j DROP",
    "-A INPUT -s 5.6.7.0/24 -d 1.1.1.1/32 -j DROP",
    "-A INPUT -s 5.6.7.0/24 -d 2.2.2.2/32 -j DROP",
  ]);
  expect(rules.every(({ packets, line }) => packets === 3n && line === 2)).toBe(true);
});

it("a table that comes again takes the place of the first, whose policies stay", () => {
  const ruleset = parse(
    "*filter",
    ":INPUT DROP [5:6]",
    ":own - [0:0]",
    "-A INPUT -j own",
    "COMMIT",
    "*nat",
    "COMMIT",
    "*filter",
    "-A OUTPUT",
    "COMMIT",
  );
  expect(ruleset.tables.map(({ name }) => name)).toEqual(["filter", "nat"]);
  expect(ruleset.tables[0]?.chains[0]).toMatchObject({ policy: "DROP", packets: 0n });
  expect(textsOf(ruleset)).toEqual(["-A OUTPUT"]);
});

describe("what is not supported", () => {
  const text = [
    "*filter",
    ":INPUT ACCEPT [0:0]",
    ":FORWARD ACCEPT [0:0]",
    ":OUTPUT ACCEPT [0:0]",
    "-A INPUT -p tcp -j NFQUEUE --queue-num 1",
    '-A INPUT -m bpf --bytecode "1,6 0 0 0" -j DROP',
    "-A INPUT -j ACCEPT",
    "COMMIT\n",
  ].join("\n");

  it("is an error", () => {
    expect(() => parseRuleset(text, { family: "ipv4" })).toThrow(
      "line 5, column 20: the target NFQUEUE is not supported",
    );
  });

  it("is reported on request, by rules that hold nothing and print as they were", () => {
    const ruleset = parseRuleset(text, { family: "ipv4", unsupported: "report" });
    expect(
      rulesOf(ruleset).map(({ unsupported, matches, target }) => [unsupported, matches.length, target?.name]),
    ).toEqual([
      [{ kind: "target", name: "NFQUEUE" }, 0, undefined],
      [{ kind: "match", name: "bpf" }, 0, undefined],
      [undefined, 0, "ACCEPT"],
    ]);
    expect(printRuleset(ruleset)).toBe(text);
  });

  it("does not excuse what is wrong", () => {
    const wrong = "*filter\n-A INPUT -m nonsense\nCOMMIT\n";
    expect(() => parseRuleset(wrong, { family: "ipv4", unsupported: "report" })).toThrow(
      'no match is called "nonsense"',
    );
  });
});

it("data is in the units that deciding needs, with all defaults", () => {
  const [rule] = rulesOf(
    filter(
      "-A INPUT ! -s 10.1.2.3/8 -i eth+ -p tcp -m limit -m tcp ! --dport 80:90 --syn -j LOG --log-prefix x",
    ),
  );
  expect(rule).toEqual({
    packets: 0n,
    bytes: 0n,
    source: { address: [10, 0, 0, 0], mask: [255, 0, 0, 0], invert: true },
    in: { name: "eth", prefix: true, invert: false },
    protocol: { number: 6, invert: false },
    matches: [
      { name: "limit", cost: 12_000_000, burst: 5 },
      {
        name: "tcp",
        destinationPort: { min: 80, max: 90, invert: true },
        flags: { mask: 0x17, value: 0x02, invert: false },
      },
    ],
    target: {
      name: "LOG",
      level: 4,
      prefix: "x",
      tcpSequence: false,
      tcpOptions: false,
      ipOptions: false,
      uid: false,
      macDecode: false,
    },
    line: 2,
    column: 1,
    text:
      "-A INPUT ! -s 10.0.0.0/8 -i eth+ -p tcp -m limit --limit 3/hour -m tcp ! --dport 80:90 " +
      "--tcp-flags FIN,SYN,RST,ACK SYN -j LOG --log-prefix x",
  });
});
