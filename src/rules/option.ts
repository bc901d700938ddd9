/** Options of matches and targets: what they are called, what they take, and what was given. */
import type { Word } from "../text/source.js";
import type { RuleFamily } from "./ruleset.js";

export interface ReadContext {
  readonly family: RuleFamily;
  /** Protocol number of the rule's -p as far as it has been read; undefined without one. */
  readonly protocol: number | undefined;
  /** Names of labels, by number. */
  readonly connlabels: ReadonlyMap<number, string>;
  /** The option's second word. */
  readonly second: (expected: string) => Word;
}

/** Makes a value of an option's argument, or throws a rule error. */
export type Reader<T> = (argument: Word, context: ReadContext) => T;

export interface Option<T = unknown, Many extends boolean = boolean> {
  /** Without: a flag. */
  readonly read: Reader<T> | undefined;
  readonly aliases: readonly string[];
  /** May stand behind "!". */
  readonly invertible: boolean;
  /** May be given more than once. */
  readonly many: Many;
}

export type Options = Readonly<Record<string, Option>>;

interface Traits<Many extends boolean> {
  readonly aliases?: readonly string[];
  readonly invertible?: boolean;
  readonly many?: Many;
}

export function option<T, Many extends boolean = false>(
  read: Reader<T>,
  { aliases = [], invertible = false, many = false as Many }: Traits<Many> = {},
): Option<T, Many> {
  return { read, aliases, invertible, many };
}

/** "!" may stand in front of it. */
export function invertible<T>(read: Reader<T>, ...aliases: string[]): Option<T, false> {
  return option(read, { aliases, invertible: true });
}

export function flag({ aliases = [], invertible = false }: Traits<false> = {}): Option<true, false> {
  return { read: undefined, aliases, invertible, many: false };
}

/** An option as it was given. */
export interface GivenOption<T = unknown> {
  readonly value: T;
  readonly invert: boolean;
  /** The option itself and its argument (for a flag the option again). */
  readonly word: Word;
  readonly argument: Word;
}

/** All options of an extension that a rule gives, by name. */
export type Given<O extends Options> = {
  readonly [K in keyof O]?: O[K] extends Option<infer T, infer Many>
    ? Many extends true
      ? readonly GivenOption<T>[]
      : GivenOption<T>
    : never;
};
