/** Thousands of rules, each as iptables-restore and the kernel took it: what is saved, what is refused. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ConntrackError } from "../../../src/errors.js";
import { parseRuleset } from "../../../src/rules/parse.js";
import { printRuleset } from "../../../src/rules/print.js";
import { BASE_CHAINS, type TableName } from "../../../src/rules/ruleset.js";

/** See iptables/record.py. */
interface Recorded {
  readonly family: 4 | 6;
  readonly table: TableName;
  readonly rule: string;
  readonly saved?: readonly string[];
  readonly refused?: "iptables" | "kernel";
}

const recording = gunzipSync(readFileSync(new URL("iptables/recorded.jsonl.gz", import.meta.url))).toString();
const recorded = recording
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

/** What iptables reads past, or prints so that it could not read it again, and this library does not. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ["-A FORWARD -j QUEUE", "not supported"],
  ["-A FORWARD -m conntrack --ctorigsrc 1.2.3.4/33", "a prefix length beyond the address"],
  ["-A FORWARD -m connlimit --connlimit-above 5 --connlimit-mask 129", "a prefix length beyond the address"],
  ['-A FORWARD -m length --length ""', "nothing counts as 0"],
  ["-A FORWARD -m recent --rcheck --seconds 4294967295", "printed as -1"],
  ["-A FORWARD -m recent --rcheck --mask 24", "0.0.0.24 as one number"],
  ["-A FORWARD -m hashlimit --hashlimit-name x --hashlimit-upto 1b/s", "printed as 0b/s"],
  ["-A FORWARD -p udp --sport 65536", "wraps to 0"],
  ["-A FORWARD -p icmp --icmp-type 5/0:3", "text behind the number is not looked at"],
]);

function textOf({ table, rule }: Recorded): string {
  const chains = BASE_CHAINS[table];
  return [
    `*${table}`,
    ...chains.map((chain) => `:${chain} ACCEPT [0:0]`),
    ":user - [0:0]",
    ...(isInUser(rule) ? [`-A ${chains[0]} -j user`] : []),
    rule,
    "COMMIT\n",
  ].join("\n");
}

function isInUser(rule: string): boolean {
  return rule.startsWith("-A user ");
}

function rulesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("-A "));
}

/** The rules as they are printed, or why not. */
function judge(one: Recorded): readonly string[] | string {
  const family = one.family === 4 ? "ipv4" : "ipv6";
  let printed: string;
  try {
    printed = printRuleset(parseRuleset(textOf(one), { family }));
  } catch (error) {
    if (!(error instanceof ConntrackError) || error.code !== "CT_BAD_RULE") throw error;
    return "refused";
  }
  const again = printRuleset(parseRuleset(printed, { family }));
  if (again !== printed) return `what is printed reads as something else: ${again}`;
  return rulesOf(printed).slice(isInUser(one.rule) ? 1 : 0);
}

it("has rules enough", () => {
  expect(recorded.length).toBeGreaterThan(4500);
  expect(recorded.filter(({ refused }) => refused).length).toBeGreaterThan(1000);
});

describe.each([4, 6] as const)("IPv%d", (family) => {
  it.each(Object.keys(BASE_CHAINS) as TableName[])("%s: rules are saved or refused as on Linux", (table) => {
    const ours = recorded.filter((one) => one.family === family && one.table === table);
    expect(ours.length).toBeGreaterThan(100);
    const wrong = ours.flatMap((one) => {
      if (DIFFERENT.has(one.rule)) return [];
      const linux = one.refused ? "refused" : one.saved;
      const here = judge(one);
      return JSON.stringify(here) === JSON.stringify(linux) ? [] : [{ rule: one.rule, linux, here }];
    });
    expect(wrong).toEqual([]);
  });
});

it("differs where it says so, and only there", () => {
  const rules = recorded.filter((one) => DIFFERENT.has(one.rule));
  const same = rules.filter((one) => {
    return JSON.stringify(judge(one)) === JSON.stringify(one.refused ? "refused" : one.saved);
  });
  const different = new Set(rules.filter((one) => !same.includes(one)).map(({ rule }) => rule));
  expect([...different].sort()).toEqual([...DIFFERENT.keys()].sort());
});
