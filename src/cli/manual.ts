/** The manual page, out of what --help says. */
import type { Command, Option } from "commander";

const SECTIONS = `.SH EXIT STATUS
.TP
0
Success.
.TP
1
Something was not as it was expected to be: a packet of \\-\\-fail\\-on came, a test failed.
.TP
2
Wrong usage, a wrong setting or ruleset.
.TP
3
Input that is missing, cut off or damaged. What could be read has been printed.
.TP
130
Interrupted. What is known so far has been printed.
.SH ENVIRONMENT
.TP
TERM
With "dumb" there is no progress line. Output is never coloured, so that NO_COLOR changes nothing.
.TP
TZ
Time zone of \\-o ktimestamp.
.SH SEE ALSO
.BR conntrack (8),
.BR tcpdump (8),
.BR iptables\\-save (8),
.BR sysctl.conf (5)
`;

/** `help`: what is printed behind a verb's options. */
export function manualPage(program: Command, help: (command: Command) => string): string {
  const verbs = program.commands.map((command) => verbText(command, help(command)));
  return `.TH CTWASM 1 "" "conntrack-wasm" "User Commands"
.SH NAME
ctwasm \\- Linux connection tracking, off the kernel
.SH SYNOPSIS
${program.commands.map((command) => `.B ctwasm ${command.name()}\n${plain(usage(command))}`).join("\n.br\n")}
.SH DESCRIPTION
${plain(program.description())}
.PP
Standard output has the data, standard error everything else.
.SH VERBS
${verbs.join("")}${SECTIONS}`;
}

function usage(command: Command): string {
  const file = command.registeredArguments.map(({ variadic, required }) => {
    const name = variadic ? "FILE..." : "WORD";
    return required ? name : `[${name}]`;
  });
  return ["[OPTION]...", ...file].join(" ");
}

function verbText(command: Command, help: string): string {
  const groups = new Map<string, Option[]>();
  for (const option of command.options) {
    const heading = option.helpGroupHeading ?? "Options:";
    groups.set(heading, [...(groups.get(heading) ?? []), option]);
  }
  const options = [...groups].map(
    ([heading, list]) => `.PP\n.I ${plain(heading)}\n${list.map(optionText).join("")}`,
  );
  return `.SS ${command.name()}
${plain(command.description())}
${options.join("")}.PP
.nf
${plain(help.trim())}
.fi
`;
}

function optionText({ flags, description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? ` (${argChoices.join(", ")})` : "";
  const initial =
    typeof defaultValue === "string" || typeof defaultValue === "number" ? `; default ${defaultValue}` : "";
  return `.TP\n.B ${plain(flags)}\n${plain(`${description}${choices}${initial}`)}\n`;
}

/** Text in which roff sees nothing of its own. */
function plain(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");
}
