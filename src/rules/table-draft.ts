/** A table while its text is read: chains, and commands that change them. */
import { endOfLine, type Word } from "../text/source.js";
import { type ChainDraft, finishChain, finishRule, NO_COUNTERS } from "./chain-draft.js";
import { quotedIfBlank } from "./lexer.js";
import type { Command, ReadLine, RuleDraft } from "./rule-draft.js";
import { badArgument, named, ruleError, type UnsupportedRuleError } from "./rule-error.js";
import { type Counters, checkChainName } from "./rule-reader.js";
import { BASE_CHAINS, type RuleFamily, type Table, type TableName } from "./ruleset.js";
import { checkTable } from "./validate.js";

export class TableDraft {
  readonly #chains = new Map<string, ChainDraft>();

  /** @param before what an earlier part of the text made of the table: its policies stay. */
  constructor(
    readonly name: TableName,
    readonly family: RuleFamily,
    before: Table | undefined,
  ) {
    for (const hook of BASE_CHAINS[name]) {
      const policy = before?.chains.find((chain) => chain.name === hook)?.policy ?? "ACCEPT";
      this.#chains.set(hook, { name: hook, policy, counters: NO_COUNTERS, rules: [] });
    }
  }

  kindOf(chain: string): "base" | "user" | undefined {
    const found = this.#chains.get(chain);
    return found && (found.policy === undefined ? "user" : "base");
  }

  /** ":NAME POLICY [COUNTERS]"; "-" instead of a policy leaves a base chain as it is. */
  declare(name: Word, policy: Word, counters: Counters): void {
    const chain = this.#chains.get(name.text);
    if (policy.text === "-" && chain?.policy !== undefined) return;
    if (policy.text === "-") {
      checkChainName(name, false);
      this.#create(name);
    } else if (chain?.policy === undefined) {
      throw ruleError(
        name,
        `${named(name.text)} is no base chain of the table ${this.name}: it has no policy`,
        "-",
      );
    } else {
      chain.policy = readPolicy(policy);
      chain.counters = counters;
    }
  }

  apply({ command, rules }: ReadLine): void {
    const { name, chain: word } = command;
    if (name === "new-chain" && word) {
      this.#create(word);
    } else if (!word) {
      if (name === "flush") for (const chain of this.#chains.values()) chain.rules.length = 0;
      if (name === "delete-chain") this.#deleteUserChains(command);
    } else {
      this.#change(this.#find(word), word, command, rules);
    }
  }

  /** A rule that never matches stands for one that cannot be read. */
  addUnsupported(words: readonly Word[], counters: Counters, { unsupported }: UnsupportedRuleError): void {
    const at = words.findIndex(({ text }) => /^(?:-[AI]|--append|--insert)$/.test(text));
    const [word, chain] = [words[at], words[at + 1]];
    if (!word || !chain)
      throw ruleError(words[0] as Word, "only -A and -I can be read with what is not supported");
    const verbatim = words
      .filter((_, i) => i !== at && i !== at + 1)
      .map(({ text }) => (text.startsWith("-") ? text : quotedIfBlank(text)))
      .join(" ");
    const { line, column } = words[0] as Word;
    const rule = { ...counters, matches: [], unsupported, line: line.number, column, verbatim, word };
    const { rules } = this.#find(chain);
    if (/^(?:-I|--insert)$/.test(word.text)) rules.unshift(rule);
    else rules.push(rule);
  }

  /** @throws SourceError for what the kernel would refuse */
  commit(): Table {
    const chains = [...this.#chains.values()];
    const user = chains
      .filter(({ policy }) => policy === undefined)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const sorted = [...chains.filter(({ policy }) => policy !== undefined), ...user];
    const table = { name: this.name, chains: sorted.map((chain) => finishChain(chain, this.family)) };
    checkTable(table, this.family, sorted);
    return table;
  }

  #create(name: Word): void {
    if (this.#chains.has(name.text)) throw ruleError(name, `the chain ${named(name.text)} exists already`);
    this.#chains.set(name.text, { name: name.text, policy: undefined, counters: NO_COUNTERS, rules: [] });
  }

  #find(name: Word): ChainDraft {
    const chain = this.#chains.get(name.text);
    if (!chain) throw ruleError(name, `the table ${this.name} has no chain ${named(name.text)}`);
    return chain;
  }

  #change(chain: ChainDraft, name: Word, command: Command, rules: readonly RuleDraft[]): void {
    switch (command.name) {
      case "append":
        chain.rules.push(...rules);
        break;
      case "insert":
        // Each of several rules goes to the same place: the last comes first.
        chain.rules.splice(position(chain, command, chain.rules.length + 1), 0, ...[...rules].reverse());
        break;
      case "replace":
        chain.rules.splice(position(chain, command, chain.rules.length), 1, ...rules);
        break;
      case "delete":
        if (command.number === undefined) for (const rule of rules) this.#deleteRule(chain, rule);
        else chain.rules.splice(position(chain, command, chain.rules.length), 1);
        break;
      case "flush":
        chain.rules.length = 0;
        break;
      case "policy":
        if (chain.policy === undefined) throw ruleError(name, "only base chains have a policy");
        chain.policy = readPolicy(command.argument ?? name);
        chain.counters = NO_COUNTERS;
        break;
      case "rename-chain":
        this.#rename(chain, name, command.argument ?? name);
        break;
      case "delete-chain":
        this.#deleteChain(chain, name);
        break;
      case "zero":
        // iptables-restore sets the counters that the text gives all the same.
        if (command.number !== undefined) position(chain, command, chain.rules.length);
        break;
    }
  }

  #deleteRule({ name, rules }: ChainDraft, rule: RuleDraft): void {
    const { text } = finishRule(name, rule, this.family);
    const at = rules.findIndex((one) => finishRule(name, one, this.family).text === text);
    if (at < 0) throw ruleError(rule.word, `the chain ${name} has no such rule`);
    rules.splice(at, 1);
  }

  #rename(chain: ChainDraft, old: Word, name: Word): void {
    if (chain.policy !== undefined) throw ruleError(old, "base chains cannot be renamed");
    if (this.#chains.has(name.text)) throw ruleError(name, `the chain ${named(name.text)} exists already`);
    this.#chains.delete(old.text);
    this.#chains.set(name.text, chain);
    chain.name = name.text;
    for (const { rules } of this.#chains.values()) {
      for (const [i, rule] of rules.entries()) {
        const data = rule.target?.data;
        if (!rule.target || data?.name !== "jump" || data.chain !== old.text) continue;
        rules[i] = { ...rule, target: { ...rule.target, data: { ...data, chain: name.text } } };
      }
    }
  }

  #deleteChain(chain: ChainDraft, place: Word): void {
    if (chain.policy !== undefined) throw ruleError(place, "base chains cannot be deleted");
    if (chain.rules.length > 0) throw ruleError(place, `the chain ${chain.name} still has rules`);
    for (const { rules } of this.#chains.values()) {
      const user = rules.find(
        ({ target }) => target?.data.name === "jump" && target.data.chain === chain.name,
      );
      if (user) throw ruleError(place, `the rule in line ${user.line} leads to the chain ${chain.name}`);
    }
    this.#chains.delete(chain.name);
  }

  #deleteUserChains({ word }: Command): void {
    for (const chain of [...this.#chains.values()]) {
      if (chain.policy === undefined) this.#deleteChain(chain, word);
    }
  }
}

function readPolicy(word: Word): "ACCEPT" | "DROP" {
  if (word.text !== "ACCEPT" && word.text !== "DROP") throw badArgument(word, "ACCEPT or DROP");
  return word.text;
}

/** From 0; `end`: behind the last that is possible. */
function position(
  { name, rules }: ChainDraft,
  { number = 1, numberWord, word }: Command,
  end: number,
): number {
  if (number <= end) return number - 1;
  const place = numberWord ?? endOfLine(word.line);
  throw ruleError(place, `the chain ${name} has ${rules.length} rules`, `a number from 1 to ${end}`);
}
