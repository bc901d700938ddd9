/**
 * Rulesets as they are met: ufw and Shorewall wrote theirs, those of Docker, kube-proxy, firewalld, fail2ban and of two
 * routers are written after them (`written/`). All went through iptables-legacy-restore and iptables-legacy-save.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseRuleset } from "../../../src/rules/parse.js";
import { printRuleset } from "../../../src/rules/print.js";
import type { RuleFamily } from "../../../src/rules/ruleset.js";

const folder = new URL("rulesets/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder), "utf8");
const files = readdirSync(folder).filter((file) => file.endsWith(".rules"));
const written = readdirSync(new URL("written/", folder));

function familyOf(file: string): RuleFamily {
  return /6\.rules$/.test(file) ? "ipv6" : "ipv4";
}

/** Tables in the order of their names: iptables-save has none. */
function sorted(text: string): string[] {
  return text.split(/(?<=^COMMIT\n)/m).sort();
}

describe.each(files)("%s", (file) => {
  const text = read(file);
  const ruleset = parseRuleset(text, { family: familyOf(file) });

  it("prints as it was saved", () => {
    const counters = /^\[\d+:\d+\] -A/m.test(text);
    expect(printRuleset(ruleset, { counters })).toBe(text);
  });

  it("has every rule where it stood", () => {
    const lines = text.split("\n");
    const rules = ruleset.tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules));
    expect(rules.length).toBe(lines.filter((line) => line.includes("-A ")).length);
    for (const rule of rules) expect(lines[rule.line - 1]?.slice(rule.column - 1)).toBe(rule.text);
  });
});

it.each(written)("%s, as it was written, is saved as Linux saves it", (file) => {
  const printed = printRuleset(parseRuleset(read(`written/${file}`), { family: familyOf(file) }), {
    counters: true,
  });
  expect(sorted(printed)).toEqual(sorted(read(file)));
});
