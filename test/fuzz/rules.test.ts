/** Damaged rulesets: an error of ours, or a ruleset that prints and reads again. Nothing else, and not for long. */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ConntrackError } from "../../src/errors.js";
import { parseRuleset } from "../../src/rules/parse.js";
import { printRuleset } from "../../src/rules/print.js";
import { BASE_CHAINS, type RuleFamily, type TableName } from "../../src/rules/ruleset.js";
import { damaged } from "./text-mutation.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 3000);
const rules = new URL("../unit/rules/", import.meta.url);

/** Rulesets of the wild, and every recorded rule in one of its own. */
const rulesets = readdirSync(new URL("rulesets/", rules))
  .filter((file) => file.endsWith(".rules"))
  .map((file) => readFileSync(new URL(`rulesets/${file}`, rules), "utf8"));
const singles = gunzipSync(readFileSync(new URL("iptables/recorded.jsonl.gz", rules)))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { table: TableName; rule: string })
  .map(
    ({ table, rule }) => `*${table}\n:user - [0:0]\n-A ${BASE_CHAINS[table][0]} -j user\n${rule}\nCOMMIT\n`,
  );

function check(text: string, family: RuleFamily, unsupported: "refuse" | "report"): void {
  let printed: string;
  try {
    printed = printRuleset(parseRuleset(text, { family, unsupported }), { counters: true });
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    expect(error.code).toBe("CT_BAD_RULE");
    return;
  }
  expect(printRuleset(parseRuleset(printed, { family, unsupported }), { counters: true })).toBe(printed);
}

it.each([
  ["rules", singles, RUNS],
  ["rulesets", rulesets, Math.ceil(RUNS / 10)],
] as const)("damaged %s", (_, texts, numRuns) => {
  const family = fc.constantFrom("ipv4" as const, "ipv6" as const);
  const unsupported = fc.constantFrom("refuse" as const, "report" as const);
  fc.assert(fc.property(damaged(texts), family, unsupported, check), { numRuns });
});

it("any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      check(text, "ipv4", "refuse");
      check(`*filter\n-A INPUT ${text}\nCOMMIT\n`, "ipv6", "report");
    }),
    { numRuns: RUNS },
  );
});

it.each([
  ["chains that call each other often", callTree(16)],
  [
    "an endless list of ports",
    `*filter\n-A INPUT -p tcp -m multiport --dports ${"1,".repeat(400)}1\nCOMMIT\n`,
  ],
  ["many addresses", `*filter\n-A INPUT -s ${addresses(60)} -d ${addresses(60)}\nCOMMIT\n`],
  ["a long number", `*filter\n-A INPUT -m quota --quota ${"9".repeat(1000)}\nCOMMIT\n`],
  ["many options", `*filter\n-A INPUT ${"-m comment --comment x ".repeat(400)}\nCOMMIT\n`],
])("%s: done in a moment", (_, text) => {
  check(text, "ipv4", "refuse");
});

/** Each chain calls the next one twice: 2^depth ways through them. */
function callTree(depth: number): string {
  const names = Array.from({ length: depth * 8 }, (_, i) => `c${i}`);
  const calls = names
    .slice(1)
    .flatMap((name, i) => [`-A c${i} -p tcp -j ${name}`, `-A c${i} -p udp -j ${name}`]);
  return ["*filter", ...names.map((name) => `:${name} - [0:0]`), "-A INPUT -j c0", ...calls, "COMMIT\n"].join(
    "\n",
  );
}

function addresses(count: number): string {
  return Array.from({ length: count }, (_, i) => `10.0.${i}.1`).join(",");
}
