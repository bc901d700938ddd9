/** Reads one line of a table: a command and its rule, with all options in any order, as iptables takes them. */
import { applyMask } from "../text/ip-address.js";
import { parseBigNumber, parseNumber } from "../text/number.js";
import { protocolName } from "../text/protocols.js";
import { endOfLine, isLonger, partOf, type SourceLine, splitWord, type Word } from "../text/source.js";
import { COMMANDS, CORE_OPTIONS, type CommandName, type CoreOption } from "./core-options.js";
import { ExtensionUse } from "./extension-use.js";
import { isTargetName, matchOfProtocol, requireMatch, requireTarget } from "./extensions.js";
import type { Match } from "./matches/index.js";
import type { ReadContext } from "./option.js";
import { type FoundOption, OptionScopes } from "./option-scopes.js";
import { addressLength, protocol, readNetwork } from "./readers.js";
import type { Command, Placed, ReadLine, RuleDraft } from "./rule-draft.js";
import { badArgument, named, ruleError } from "./rule-error.js";
import type { RuleFamily } from "./ruleset.js";
import type { Target } from "./targets/index.js";
import { jump } from "./targets/jump.js";
import type { InterfacePattern, Inverted, Network } from "./values.js";

export interface LineContext {
  readonly family: RuleFamily;
  readonly connlabels: ReadonlyMap<number, string>;
  kindOf(chain: string): "base" | "user" | undefined;
}

export interface Counters {
  readonly packets: bigint;
  readonly bytes: bigint;
}

const COUNTER_MAX = 2n ** 64n - 1n;
/** Characters of a chain's name. */
const LONGEST_CHAIN = 28;
const LONGEST_INTERFACE = 15;

/** Packets in these chains have not yet, or no more, an interface of this kind. */
const NO_INTERFACE: ReadonlyMap<string, "in" | "out"> = new Map([
  ["PREROUTING", "out"],
  ["INPUT", "out"],
  ["OUTPUT", "in"],
  ["POSTROUTING", "in"],
]);

interface CoreGiven {
  readonly word: Word;
  readonly argument: Word;
  readonly invert: boolean;
}

/**
 * Undefined for a rule that is meant for the other family (-4, -6).
 * @throws SourceError
 */
export function readLine(
  words: readonly Word[],
  line: SourceLine,
  counters: Counters,
  context: LineContext,
): ReadLine | undefined {
  return new LineReader(words, line, counters, context).read();
}

class LineReader {
  #at = 0;
  #invert: Word | undefined;
  #command: Command | undefined;
  #counters: Counters;
  #foreign = false;
  readonly #given = new Map<string, CoreGiven>();
  readonly #scopes = new OptionScopes();
  readonly #matches: ExtensionUse<Match>[] = [];
  #target: ExtensionUse<Target> | Placed<Target> | undefined;
  #protocolMatchLoaded = false;
  readonly #readContext: ReadContext;

  constructor(
    readonly words: readonly Word[],
    readonly line: SourceLine,
    counters: Counters,
    readonly context: LineContext,
  ) {
    this.#counters = counters;
    const reader = this;
    this.#readContext = {
      family: context.family,
      connlabels: context.connlabels,
      get protocol() {
        return reader.#protocol();
      },
      second: (expected) => this.#second(expected),
    };
  }

  read(): ReadLine | undefined {
    while (this.#at < this.words.length) this.#readWord(this.words[this.#at++] as Word);
    if (this.#invert) throw ruleError(this.#invert, "nothing follows that could be inverted");
    const command = this.#command;
    const start = this.words[0] ?? endOfLine(this.line);
    if (!command) throw ruleError(start, "the line has no command", "-A CHAIN and a rule");
    const rules = this.#build(start, command.word);
    this.#check(command, rules.length);
    return this.#foreign ? undefined : { command, rules };
  }

  #readWord(word: Word): void {
    const { text } = word;
    if (text === "!") {
      if (this.#invert) throw ruleError(word, "! stands twice");
      this.#invert = word;
      return;
    }
    if (text.startsWith("--") && text.length > 2) this.#readLong(word);
    else if (text.startsWith("-") && text.length > 1) this.#readShort(word);
    else throw badArgument(word, "an option");
    this.#invert = undefined;
  }

  #readLong(word: Word): void {
    const equals = word.text.indexOf("=");
    const spelling = word.text.slice(2, equals < 0 ? undefined : equals);
    const attached = equals < 0 ? undefined : partOf(word, equals + 1);
    const found = this.#find(spelling, word);
    if (!takesArgument(found) && attached) throw ruleError(word, `--${spelling} takes no value`);
    this.#apply(found, word, attached);
  }

  #readShort(word: Word): void {
    for (let i = 1; i < word.text.length; i++) {
      const letter = word.text[i];
      const core = CORE_OPTIONS.find((one) => one.short === letter);
      if (!core) throw ruleError(word, `-${letter} is no option`);
      const rest = partOf(word, i + 1);
      const attached = takesArgument({ core }) && rest.text !== "" ? rest : undefined;
      this.#apply({ core }, word, attached);
      if (takesArgument({ core })) return;
    }
  }

  #find(spelling: string, word: Word): FoundOption {
    const found = this.#scopes.find(spelling, word);
    if (found) return found;
    // An unknown option may belong to the match of the protocol that -p named.
    const number = this.#protocol();
    const name = number === undefined ? undefined : protocolName(number);
    if (name !== undefined && !this.#protocolMatchLoaded) {
      this.#protocolMatchLoaded = true;
      const extension = matchOfProtocol(name, this.context.family, word);
      if (extension) {
        const use = new ExtensionUse(extension, word);
        this.#scopes.add(use);
        const again = this.#scopes.find(spelling, word);
        if (again) {
          this.#matches.push(use);
          return again;
        }
      }
    }
    const expected = number === undefined ? "perhaps -p or -m in front of it" : undefined;
    throw ruleError(word, `${named(word.text)} is no option here`, expected);
  }

  #protocol(): number | undefined {
    const given = this.#given.get("protocol");
    return given && protocol(given.argument, this.#readContext);
  }

  #apply(found: FoundOption, word: Word, attached: Word | undefined): void {
    const invert = this.#invert !== undefined;
    if ("core" in found) {
      this.#applyCore(found.core, word, attached, invert);
      return;
    }
    const argument = found.option.read ? (attached ?? this.#next(word)) : word;
    found.use.give(found.name, found.option, { word, argument, invert }, this.#readContext);
  }

  /** The argument behind an option, whatever it begins with. */
  #next(option: Word): Word {
    const next = this.words[this.#at++];
    if (!next) throw ruleError(endOfLine(this.line), `${option.text} lacks its argument`);
    return next;
  }

  #hasPlainNext(): boolean {
    const next = this.words[this.#at];
    return next !== undefined && !/^[-!]/.test(next.text);
  }

  #second(expected: string): Word {
    if (!this.#hasPlainNext()) {
      throw ruleError(this.words[this.#at] ?? endOfLine(this.line), "a second argument is missing", expected);
    }
    return this.words[this.#at++] as Word;
  }

  #applyCore(option: CoreOption, word: Word, attached: Word | undefined, invert: boolean): void {
    if (option.refused) throw ruleError(word, `${word.text} ${option.refused}`);
    if (invert && !option.invertible) throw ruleError(word, `${word.text} cannot be inverted`);
    const argument = this.#coreArgument(option, word, attached);
    const command = COMMANDS.find((name) => name === option.name);
    if (command) {
      this.#setCommand(command, word, argument);
    } else if (option.name === "match") {
      this.#addMatch(argument ?? word);
    } else if (option.name === "jump" || option.name === "goto") {
      this.#jumpTo(argument ?? word, option.name === "goto", word);
    } else if (option.name === "ipv4" || option.name === "ipv6") {
      this.#foreign ||= option.name !== this.context.family;
    } else if (option.name === "set-counters") {
      this.#counters = this.#readCounters(argument ?? word);
    } else if (option.name !== "verbose") {
      if (this.#given.has(option.name)) throw ruleError(word, `--${option.name} can only be used once`);
      this.#given.set(option.name, { word, argument: argument ?? word, invert });
      if (option.name === "protocol" && invert && this.#protocol() === 0) {
        throw ruleError(word, "no packet has a protocol that is not among all");
      }
    }
  }

  #coreArgument(option: CoreOption, word: Word, attached: Word | undefined): Word | undefined {
    if (attached || !option.argument) return attached;
    if (option.argument === "required") return this.#next(word);
    return this.#hasPlainNext() ? this.words[this.#at++] : undefined;
  }

  #setCommand(name: CommandName, word: Word, chain: Word | undefined): void {
    if (this.#command) throw ruleError(word, `the line already has the command ${this.#command.word.text}`);
    if (chain) checkChainName(chain, name === "new-chain");
    const command = { name, word, ...(chain && { chain }) };
    if (name === "policy" || name === "rename-chain") {
      const expected = name === "policy" ? "ACCEPT or DROP" : "the new name";
      const argument = this.#second(expected);
      if (name === "rename-chain") checkChainName(argument, true);
      this.#command = { ...command, argument };
      return;
    }
    const mayHaveNumber = name === "insert" || name === "delete" || name === "zero" || name === "replace";
    if (mayHaveNumber && chain && this.#hasPlainNext()) {
      const numberWord = this.words[this.#at++] as Word;
      const number = parseNumber(numberWord.text, 1, 0xffffffff);
      if (number === undefined) throw badArgument(numberWord, "the number of a rule, from 1");
      this.#command = { ...command, number, numberWord };
      return;
    }
    if (name === "replace") throw ruleError(word, "-R lacks the number of the rule to replace");
    this.#command = command;
  }

  #addMatch(name: Word): void {
    const extension = requireMatch(name, this.context.family);
    const use = new ExtensionUse(extension, name);
    this.#matches.push(use);
    this.#scopes.add(use);
  }

  #jumpTo(name: Word, goto: boolean, word: Word): void {
    if (this.#target) throw ruleError(word, "the rule already has a target");
    const kind = isTargetName(name.text) ? undefined : this.context.kindOf(name.text);
    if (kind === "base") throw ruleError(name, "rules cannot lead to a base chain");
    if (kind === "user") {
      this.#target = { data: { name: "jump", chain: name.text, goto }, extension: jump, word: name };
      return;
    }
    if (goto) throw ruleError(name, `no chain is called ${named(name.text)}`);
    const use = new ExtensionUse<Target>(requireTarget(name, this.context.family), name);
    this.#target = use;
    this.#scopes.add(use);
  }

  #readCounters(packets: Word): Counters {
    const [first, second] = packets.text.includes(",") ? splitWord(packets, ",") : [packets];
    const numbers = [first ?? packets, second ?? this.#second("a number of bytes")].map((part) => {
      const value = parseBigNumber(part.text);
      if (value === undefined || value > COUNTER_MAX) throw badArgument(part, "a counter");
      return value;
    });
    return { packets: numbers[0] ?? 0n, bytes: numbers[1] ?? 0n };
  }

  #build(start: Word, word: Word): RuleDraft[] {
    const { family } = this.context;
    const protocol = this.#protocolCondition();
    const site = { family, protocol };
    const place = <Data>(use: ExtensionUse<Data>): Placed<Data> => {
      return { data: use.build(site), extension: use.extension, word: use.word };
    };
    const target = this.#target instanceof ExtensionUse ? place(this.#target) : this.#target;
    const fragment = this.#given.get("fragments");
    if (fragment && family === "ipv6") throw ruleError(fragment.word, "IPv6 has no -f", "-m frag");
    const incoming = this.#interface("in-interface");
    const outgoing = this.#interface("out-interface");
    const rule = {
      ...this.#counters,
      ...(incoming && { in: incoming }),
      ...(outgoing && { out: outgoing }),
      ...(protocol && { protocol }),
      ...(fragment && { fragment: { invert: fragment.invert } }),
      matches: this.#matches.map(place),
      ...(target && { target }),
      line: this.line.number,
      column: start.column,
      word,
    };
    return this.#networks("source").flatMap((source) =>
      this.#networks("destination").map((destination) => ({
        ...rule,
        ...(source && { source }),
        ...(destination && { destination }),
      })),
    );
  }

  #protocolCondition(): Inverted<{ readonly number: number }> | undefined {
    const number = this.#protocol();
    return number ? { number, invert: this.#given.get("protocol")?.invert ?? false } : undefined;
  }

  /** Undefined stands for any address. */
  #networks(name: "source" | "destination"): (Inverted<Network> | undefined)[] {
    const given = this.#given.get(name);
    if (!given) return [undefined];
    const parts = splitWord(given.argument, ",");
    if (parts.length > 1 && given.invert) {
      throw ruleError(given.word, "several addresses cannot be inverted");
    }
    return parts.map((part) => {
      const { address, mask } = this.#network(part);
      const isAny = !given.invert && mask.every((byte) => byte === 0);
      return isAny ? undefined : { address: applyMask(address, mask), mask, invert: given.invert };
    });
  }

  #network(word: Word): Network {
    const { family } = this.context;
    // "any/0": without a bit of it to look at, anything goes as an address.
    const [, prefix] = /^[^/]+\/(0+)$/.exec(word.text) ?? [];
    if (prefix === undefined) return readNetwork(word, family, true);
    const zeros = Array<number>(addressLength(family)).fill(0);
    return { address: zeros, mask: zeros };
  }

  #interface(name: string): Inverted<InterfacePattern> | undefined {
    const given = this.#given.get(name);
    if (!given) return undefined;
    const { argument, invert } = given;
    if (argument.text === "") throw badArgument(argument, "the name of an interface");
    if (isLonger(argument.text, LONGEST_INTERFACE)) {
      throw ruleError(argument, `the name of an interface has at most ${LONGEST_INTERFACE} bytes`);
    }
    const prefix = argument.text.endsWith("+");
    const pattern = prefix ? argument.text.slice(0, -1) : argument.text;
    return pattern === "" && !invert ? undefined : { name: pattern, prefix, invert };
  }

  #check({ name, word, chain, numberWord }: Command, count: number): void {
    const takesRule =
      name === "append" || name === "insert" || name === "replace" || (name === "delete" && !numberWord);
    if (!takesRule) {
      const [first] = this.#given.values();
      const stray = first?.word ?? this.#matches[0]?.word ?? this.#target?.word;
      if (stray) throw ruleError(stray, `${word.text} takes no rule`);
    }
    if (name === "replace" && count > 1) throw ruleError(word, "only one rule can take the place of another");
    const wrongWay = NO_INTERFACE.get(chain?.text ?? "");
    const given = wrongWay && this.#given.get(`${wrongWay}-interface`);
    if (given) throw ruleError(given.word, `a packet in ${chain?.text} has no --${wrongWay}-interface`);
  }
}

function takesArgument(found: FoundOption): boolean {
  return "core" in found ? found.core.argument !== undefined : found.option.read !== undefined;
}

/** @throws SourceError for a name that no chain can have. */
export function checkChainName(name: Word, isNew: boolean): void {
  if (name.text === "" || isLonger(name.text, LONGEST_CHAIN)) {
    throw badArgument(name, `the name of a chain, of 1 to ${LONGEST_CHAIN} bytes`);
  }
  if (/^[-!]/.test(name.text)) throw ruleError(name, "the name of a chain cannot begin with - or !");
  if (/\s/.test(name.text)) throw ruleError(name, "the name of a chain cannot contain blanks");
  if (isNew && isTargetName(name.text)) {
    throw ruleError(name, `${named(name.text)} is a target, no name for a chain`);
  }
}
