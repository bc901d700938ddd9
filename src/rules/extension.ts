/** What a match or target says about itself: its options, its data, its canonical text. */
import type { Word } from "../text/source.js";
import type { Given, Options } from "./option.js";
import type { HookName, Rule, RuleFamily, TableName } from "./ruleset.js";
import type { Seen, Sight } from "./sight.js";

/** Where an extension is used. */
export interface Site {
  readonly family: RuleFamily;
  readonly protocol: Rule["protocol"];
  /** Its name, as it stands in the rule. */
  readonly word: Word;
}

/** Where the kernel would put the rule. */
export interface Placement {
  readonly table: TableName;
  /** Hooks from which the rule's chain can be reached; none for a chain that nothing leads to. */
  readonly hooks: ReadonlySet<HookName>;
  readonly rule: Rule;
  readonly family: RuleFamily;
}

export interface ExtensionDefinition<Data, O extends Options> {
  /** Behind -m or -j. */
  readonly name: string;
  /** Other names for it. */
  readonly aliases?: readonly string[];
  /** Default: both. */
  readonly family?: RuleFamily;
  readonly options: O;
  /** Of each list at least one has to be given. */
  readonly required?: readonly (readonly (keyof O & string)[])[];
  /** Of each list at most one may be given. */
  readonly exclusive?: readonly (readonly (keyof O & string)[])[];

  /** The rule must have one of these protocols, not inverted. */
  readonly protocols?: readonly number[];
  /** Default: all. */
  readonly tables?: readonly TableName[];
  /** Default: all. */
  readonly hooks?: readonly HookName[];
  /** What else the kernel refuses: says what is wrong. */
  refusal?(data: Data, placement: Placement): string | undefined;

  build(given: Given<O>, site: Site): Data;
  /** The options in canonical form; empty when there are none to show. */
  print(data: Data, family: RuleFamily): string;
}

export interface MatchDefinition<Data, O extends Options> extends ExtensionDefinition<Data, O> {
  /** For explanations: what of the packet the match has looked at; empty when there is nothing to say. */
  seen(data: Data, sight: Sight, seen: Seen): string;
}

/** A match or target whose options are known by name alone. */
export type Extension<Data> = ExtensionDefinition<Data, Options>;

export type MatchExtension<Data> = MatchDefinition<Data, Options>;

export function extension<Data, O extends Options>(
  definition: MatchDefinition<Data, O>,
): MatchExtension<Data>;
export function extension<Data, O extends Options>(definition: ExtensionDefinition<Data, O>): Extension<Data>;
export function extension<Data, O extends Options>(
  definition: ExtensionDefinition<Data, O>,
): Extension<Data> {
  // What `build` is given has been read with this very definition's options.
  return definition as unknown as Extension<Data>;
}
