/** A line of rules as it is read: a command, and the rule that it is about. */
import type { Word } from "../text/source.js";
import type { CommandName } from "./core-options.js";
import type { Extension } from "./extension.js";
import type { Match } from "./matches/index.js";
import type { Rule } from "./ruleset.js";
import type { Target } from "./targets/index.js";

export interface Command {
  readonly name: CommandName;
  readonly word: Word;
  readonly chain?: Word;
  /** Of -I, -D, -R: from 1. */
  readonly number?: number;
  readonly numberWord?: Word;
  /** Of -P the policy, of -E the new name. */
  readonly argument?: Word;
}

export interface Placed<Data> {
  readonly data: Data;
  readonly extension: Extension<Data>;
  readonly word: Word;
}

/** A rule of which it is still known where its parts stand. */
export interface RuleDraft extends Omit<Rule, "matches" | "target" | "text"> {
  readonly matches: readonly Placed<Match>[];
  readonly target?: Placed<Target>;
  /** What to print for a rule that is not supported. */
  readonly verbatim?: string;
  /** The line's command. */
  readonly word: Word;
}

export interface ReadLine {
  readonly command: Command;
  /** One for each of the addresses. */
  readonly rules: readonly RuleDraft[];
}
