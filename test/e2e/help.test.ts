/** What the command line says of itself: help, the manual page, completions. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Command } from "commander";
import { beforeAll, describe, expect, it } from "vitest";
import { manualPage } from "../../src/cli/manual.js";
import { createProgram } from "../../src/cli/program.js";
import { VERBS } from "../../src/cli/verbs.js";
import { ctwasm, LAB } from "./ctwasm.js";

let program: Command;
const helps = new Map<string, string>();

beforeAll(async () => {
  program = await createProgram("0", VERBS);
  for (const command of program.commands) {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    helps.set(command.name(), text);
  }
});

/** What stands behind the options. */
const behind = (command: Command) => {
  const help = helps.get(command.name()) ?? "";
  return help.slice(help.indexOf("\n", help.lastIndexOf("display help for command")));
};

describe("help", () => {
  it.each(VERBS.map(({ name }) => name))("%s has examples, and every option of them exists", (name) => {
    const command = program.commands.find((one) => one.name() === name)!;
    const help = helps.get(name)!;
    expect(help).toContain("Examples:");
    const examples = help
      .slice(help.indexOf("Examples:"))
      .split("\n")
      .filter((line) => line.includes(`ctwasm ${name}`));
    expect(examples.length).toBeGreaterThan(0);
    const known = new Set(command.options.flatMap(({ short, long }) => [short, long]));
    for (const line of examples) {
      const own = line.slice(line.indexOf(`ctwasm ${name}`)).replace(/[>|(].*/, "");
      for (const [option] of own.matchAll(/(?<= )--?[a-z][a-z0-9-]*/g)) expect(known, line).toContain(option);
    }
  });

  it("of all names all verbs", () => {
    const { stdout, status } = ctwasm(["--help"]);
    expect(status).toBe(0);
    for (const { name } of VERBS) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  it("lines fit on a terminal", () => {
    for (const [name, help] of helps) {
      const long = help.split("\n").filter((line) => line.length > 110);
      expect(long, name).toEqual([]);
    }
  });
});

describe("the manual page", () => {
  it("is what --help says", async () => {
    await expect(manualPage(program, behind)).toMatchFileSnapshot("../../docs/ctwasm.1");
  });

  it("has no mistakes that groff finds", () => {
    const run = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-z", "docs/ctwasm.1"], { encoding: "utf8" });
    if (run.error) return console.warn("*** groff is missing: the manual page is NOT checked ***");
    expect(run.stderr).toBe("");
  });
});

describe("completions", () => {
  const bash = (words: string) => {
    const list = words.split(" ");
    const script = `${ctwasm(["completion", "bash"]).stdout}
COMP_WORDS=(${list.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${list.length - 1}; _ctwasm; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== "");
  };

  it("bash completes verbs, options and values", () => {
    expect(bash("ctwasm ex")).toEqual(["explain"]);
    expect(bash("ctwasm replay --pcap")).toEqual(["--pcap-out"]);
    expect(bash("ctwasm replay --at e")).toEqual(["end"]);
    expect(bash("ctwasm replay package.j")).toEqual(["package.json"]);
  });

  it.each(["zsh", "fish"])("%s has every verb and every option", (shell) => {
    const script = ctwasm(["completion", shell]).stdout;
    for (const command of program.commands) {
      expect(script).toContain(command.name());
      for (const { long } of command.options) expect(script).toContain(long!.slice(2));
    }
    if (!spawnSync(shell, ["--version"]).error) {
      expect(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" }).stderr).toBe("");
    }
  });
});

describe("the JSON Schema", () => {
  const schema = JSON.parse(readFileSync("docs/schema/flow.schema.json", "utf8"));
  const validate = new Ajv2020({ allErrors: true }).compile(schema);

  it.each([
    ["replay", LAB, "-o", "jsonl", "--at", "all"],
    ["replay", LAB, "-o", "jsonl", "--set", "nf_conntrack_acct=1", "--set", "nf_conntrack_timestamp=1"],
    ["events", LAB, "-o", "jsonl"],
  ])("describes what is printed: %s %s %s %s %s", (...args) => {
    const lines = ctwasm(args).lines;
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) {
      validate(JSON.parse(line));
      expect(validate.errors, line).toBeNull();
    }
  });

  it("refuses what is not", () => {
    const [line] = ctwasm(["replay", LAB, "-o", "jsonl"]).lines;
    const flow = JSON.parse(line!);
    expect(validate({ ...flow, invented: 1 })).toBe(false);
    expect(validate({ ...flow, family: "ipx" })).toBe(false);
    expect(validate({ ...flow, mark: -1 })).toBe(false);
  });
});
