/** `ctwasm completion`: what shells complete after ctwasm. */
import { Argument, Command, type Option } from "commander";
import { ExitCode } from "./exit-code.js";
import { verb } from "./fail.js";
import { print } from "./output.js";
import { createProgram } from "./program.js";
import type { Verb } from "./verbs.js";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

const HELP = `
Examples:
  eval "$(ctwasm completion bash)"            (in ~/.bashrc)
  eval "$(ctwasm completion zsh)"             (in ~/.zshrc, after compinit)
  ctwasm completion fish > ~/.config/fish/completions/ctwasm.fish
`;

export function completionCommand(verbs: readonly Verb[]): Command {
  return new Command("completion")
    .description("Prints a script that makes a shell complete verbs, options and their values.")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText("after", HELP)
    .action(
      verb(async (shell: Shell) => {
        const { commands } = await createProgram("", verbs);
        print(SCRIPTS[shell](commands));
        return ExitCode.OK;
      }),
    );
}

const namesOf = ({ short, long }: Option) => [short, long].filter((name) => name !== undefined);
/** Anything that takes a value and has no choices may be a file. */
const choicesOf = ({ argChoices }: Option) => argChoices ?? [];
const takesValue = ({ required, optional }: Option) => required || optional;

const SCRIPTS: { readonly [shell in Shell]: (commands: readonly Command[]) => string } = { bash, zsh, fish };

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const values = command.options
      .filter(takesValue)
      .map((option) => `      ${namesOf(option).join("|")}) ${offer(choicesOf(option))} return ;;`);
    const options = command.options.flatMap(namesOf).join(" ");
    return [
      `    ${command.name()})`,
      `      case "$before" in`,
      ...values,
      "      esac",
      `      [[ $word == -* ]] && COMPREPLY=($(compgen -W "${options} --help" -- "$word")) || COMPREPLY=($(compgen -f -- "$word"))`,
      "      ;;",
    ].join("\n");
  });
  const names = commands.map((command) => command.name()).join(" ");
  return `_ctwasm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
}
complete -o filenames -F _ctwasm ctwasm
`;
}

function offer(choices: readonly string[]): string {
  return choices.length > 0
    ? `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word"));`
    : `COMPREPLY=($(compgen -f -- "$word"));`;
}

function zsh(commands: readonly Command[]): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, "\\$&");
  const cases = commands.map((command) => {
    const options = command.options.flatMap((option) => {
      const value = takesValue(option)
        ? `:value:${choicesOf(option).length ? `(${choicesOf(option).join(" ")})` : "_files"}`
        : "";
      return namesOf(option).map((name) => `      '*${name}[${quoted(option.description)}]${value}' \\`);
    });
    return `    ${command.name()}) _arguments \\\n${options.join("\n")}\n      '*:file:_files' ;;`;
  });
  const verbs = commands.map((command) => `    '${command.name()}:${quoted(command.description())}'`);
  return `#compdef ctwasm
_ctwasm() {
  local -a verbs
  verbs=(
${verbs.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${cases.join("\n")}
  esac
}
compdef _ctwasm ctwasm
`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const when = `-n '__fish_seen_subcommand_from ${command.name()}'`;
    const options = command.options.map((option) => {
      const short = option.short ? ` -s ${option.short.slice(1)}` : "";
      const long = option.long ? ` -l ${option.long.slice(2)}` : "";
      const value = takesValue(option)
        ? choicesOf(option).length
          ? ` -xa ${quoted(choicesOf(option).join(" "))}`
          : " -r"
        : "";
      return `complete -c ctwasm ${when}${short}${long}${value} -d ${quoted(option.description)}`;
    });
    const verb = `complete -c ctwasm -n __fish_use_subcommand -fa ${command.name()} -d ${quoted(command.description())}`;
    return [verb, ...options];
  });
  return `${lines.join("\n")}\n`;
}
