import { describe, expect, it } from "vitest";
import type { Extension } from "../../../src/rules/extension.js";
import { MATCHES } from "../../../src/rules/matches/index.js";
import { parseRuleset } from "../../../src/rules/parse.js";
import { BASE_CHAINS, type TableName } from "../../../src/rules/ruleset.js";
import { TARGETS } from "../../../src/rules/targets/index.js";
import { SourceError } from "../../../src/text/source.js";
import type { Malformed } from "./malformed.js";
import { MALFORMED_MATCHES } from "./malformed-matches.js";
import { MALFORMED_TARGETS } from "./malformed-targets.js";

/** Where each extension may stand. */
function tableOf(extension: string): TableName {
  const [table] = TARGETS.find(({ name }) => name === extension)?.tables ?? [];
  return table ?? "mangle";
}

function errorOf({ family, extension, rule }: Malformed): {
  error: SourceError;
  column: number;
  line: string;
} {
  const table = tableOf(extension);
  const { hooks } = TARGETS.find(({ name }) => name === extension) ?? {};
  const chain = BASE_CHAINS[table].find((hook) => hooks?.includes(hook)) ?? BASE_CHAINS[table].at(-1);
  const marked = `-A ${chain} ${rule}`;
  const line = marked.replace(/[«»]/g, "");
  try {
    parseRuleset(`*${table}\n${line}\nCOMMIT\n`, { family });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { error, column: marked.indexOf("«") + 1, line };
  }
  throw new Error(`accepted: ${rule}`);
}

const all = [...MALFORMED_MATCHES, ...MALFORMED_TARGETS];

it.each(all.map((one) => [one.rule.slice(0, 100), one] as const))("%s", (_, malformed) => {
  const { error, column, line } = errorOf(malformed);
  expect(error.code).toBe("CT_BAD_RULE");
  expect(error).toMatchObject({ line: 2, column });
  const [head = "", shown = "", caret = ""] = error.message.split("\n");
  expect(head).toBe(
    `line 2, column ${column}: ${error.problem}${error.expected === undefined ? "" : `; expected ${error.expected}`}`,
  );
  // The caret stands under what it means.
  const bad = /«(.*)»/.exec(malformed.rule)?.[1] ?? "";
  const from = caret.indexOf("^");
  expect(caret.trim()).toMatch(/^\^~*$/);
  expect(
    shown
      .replace(/\.\.\.$/, "")
      .slice(from)
      .startsWith(bad.slice(0, 20)),
  ).toBe(true);
  expect(line).toContain(shown.replaceAll("...", ""));
});

/** Options that an error in the table stands at, or behind. */
function covered(malformed: readonly Malformed[], { name, family }: Extension<unknown>): Set<string> {
  const ours = malformed.filter((one) => one.extension === name && one.family === (family ?? one.family));
  const options = ours.flatMap(({ rule }) => {
    const atOption = /«--([\w-]+)»/.exec(rule)?.[1];
    const before = rule
      .slice(0, rule.indexOf("«"))
      .match(/--([\w-]+)/g)
      ?.at(-1);
    return [atOption, before?.slice(2)].filter((option) => option !== undefined);
  });
  return new Set(options);
}

describe.each([
  ["match", MATCHES, MALFORMED_MATCHES],
  ["target", TARGETS, MALFORMED_TARGETS],
] as const)("every %s", (_, extensions: readonly Extension<unknown>[], malformed) => {
  it.each(extensions.map((one) => [`${one.name}${one.family ? ` (${one.family})` : ""}`, one] as const))(
    "%s: each option has an error",
    (_, extension) => {
      const done = covered(malformed, extension);
      const missing = Object.entries(extension.options).filter(([name, { aliases }]) => {
        return ![name, ...aliases].some((spelling) => done.has(spelling));
      });
      expect(missing.map(([name]) => name)).toEqual([]);
    },
  );
});
