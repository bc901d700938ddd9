/** Which option a word means, among those of iptables and of all extensions that a rule has named so far. */
import type { Word } from "../text/source.js";
import { CORE_OPTIONS, type CoreOption } from "./core-options.js";
import type { ExtensionUse } from "./extension-use.js";
import type { Option } from "./option.js";
import { named, ruleError } from "./rule-error.js";

export type FoundOption =
  | { readonly core: CoreOption }
  | { readonly use: ExtensionUse; readonly name: string; readonly option: Option };

interface Candidate {
  readonly spelling: string;
  readonly found: FoundOption;
}

const CORE: readonly Candidate[] = CORE_OPTIONS.flatMap((core) =>
  [core.name, ...(core.aliases ?? [])].map((spelling) => ({ spelling, found: { core } })),
);

export class OptionScopes {
  /** The newest first: its options hide those of the same name. */
  readonly #scopes: ExtensionUse[] = [];

  /** A second use of an extension takes the place of the first. */
  add(use: ExtensionUse): void {
    const earlier = this.#scopes.findIndex((one) => one.extension === use.extension);
    if (earlier >= 0) this.#scopes[earlier] = use;
    else this.#scopes.unshift(use);
  }

  /**
   * A long option, without its hyphens; any beginning will do that only one option has.
   * Undefined when there is none.
   * @throws SourceError when it could be several.
   */
  find(spelling: string, word: Word): FoundOption | undefined {
    const candidates = [...CORE, ...this.#scopes.flatMap(candidatesOf)];
    const exact = candidates.find((one) => one.spelling === spelling);
    if (exact) return exact.found;
    const matching = candidates.filter((one) => one.spelling.startsWith(spelling));
    const [first] = matching;
    if (!first) return undefined;
    if (!matching.every((one) => isSame(one.found, first.found))) {
      const names = matching.map((one) => `--${one.spelling}`).join(" or ");
      throw ruleError(word, `${named(word.text)} is ambiguous`, names);
    }
    return first.found;
  }
}

function candidatesOf(use: ExtensionUse): Candidate[] {
  return Object.entries(use.extension.options).flatMap(([name, option]) =>
    [name, ...option.aliases].map((spelling) => ({ spelling, found: { use, name, option } })),
  );
}

function isSame(a: FoundOption, b: FoundOption): boolean {
  if ("core" in a) return "core" in b && a.core === b.core;
  return "use" in b && a.option === b.option && a.use === b.use;
}
