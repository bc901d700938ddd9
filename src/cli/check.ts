/** `ctwasm check`: rulesets looked at without a packet. */
import { Command } from "commander";
import type { RulesetTexts } from "../index.js";
import { type ConnlabelFlags, connlabelsOf, connlabelsOption } from "./connlabels.js";
import { ExitCode } from "./exit-code.js";
import { say, UsageError, verb } from "./fail.js";
import { createFirewall } from "./firewall.js";
import { lint } from "./lint.js";
import { print } from "./output.js";

const HELP = `
First the ruleset is read as iptables-restore reads it: what that refuses, and
what is not supported here, is an error with its place. Then what is probably not
meant is listed: rules that are never reached, or never match because one before
them is for all their packets; answers that are let through late or not at all;
INVALID packets that are accepted, or leave untranslated; ct states in the raw
table; chains without use; helpers that no rule gives.

Exit status: 0 nothing found, 1 something is probably not meant, 2 wrong usage or
ruleset, 3 unreadable input.

Examples:
  iptables-save | ctwasm check /dev/stdin
  ctwasm check --rules6 home6.rules home.rules
`;

export function checkCommand(): Command {
  return new Command("check")
    .description("Reads rulesets and lists what in them is probably not meant.")
    .argument("[rules]", "what iptables-save printed")
    .option("--rules6 <file>", "what ip6tables-save printed")
    .option("--ipset <file>", "what ipset save printed, for rules that name sets")
    .addOption(connlabelsOption())
    .addHelpText("after", HELP)
    .action(verb(check));
}

async function check(
  rules: string | undefined,
  options: ConnlabelFlags & { readonly rules6?: string; readonly ipset?: string },
): Promise<ExitCode> {
  if (rules === undefined && options.rules6 === undefined) throw new UsageError("no ruleset given");
  const firewall = await createFirewall({ ...options, ...(rules !== undefined && { rules }) });
  const connlabels = connlabelsOf(options);
  const saved: RulesetTexts = firewall.save();
  let found = 0;
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const { place, text, problem } of lint(saved[family] ?? "", family, connlabels)) {
      found++;
      print(`${family} ${place}: ${problem}\n    ${text}\n`);
    }
  }
  const count = `${saved.ipv4 ?? ""}${saved.ipv6 ?? ""}`.match(/^-A /gm)?.length ?? 0;
  say(`${count} rules, ${found} findings.`);
  return found > 0 ? ExitCode.UNEXPECTED : ExitCode.OK;
}
