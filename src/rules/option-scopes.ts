/** Which option a word means, among those of iptables and of all extensions that a rule has named so far. */
import type { Word } from "../text/source.js";
import { CORE_OPTIONS, type CoreOption } from "./core-options.js";
import type { Extension } from "./extension.js";
import type { ExtensionUse } from "./extension-use.js";
import type { Option } from "./option.js";
import { named, ruleError } from "./rule-error.js";

export type FoundOption =
  | { readonly core: CoreOption }
  | { readonly use: ExtensionUse; readonly name: string; readonly option: Option };

interface NamedOption {
  readonly name: string;
  readonly option: Option;
}

/** By every spelling. */
const CORE: ReadonlyMap<string, CoreOption> = new Map(
  CORE_OPTIONS.flatMap((core) => [core.name, ...(core.aliases ?? [])].map((spelling) => [spelling, core])),
);
const spellings = new WeakMap<Extension<unknown>, ReadonlyMap<string, NamedOption>>();

function spellingsOf({ extension }: ExtensionUse): ReadonlyMap<string, NamedOption> {
  const known = spellings.get(extension);
  if (known) return known;
  const map = new Map(
    Object.entries(extension.options).flatMap(([name, option]) => {
      return [name, ...option.aliases].map((spelling) => [spelling, { name, option }] as const);
    }),
  );
  spellings.set(extension, map);
  return map;
}

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
    const core = CORE.get(spelling);
    if (core) return { core };
    for (const use of this.#scopes) {
      const found = spellingsOf(use).get(spelling);
      if (found) return { use, ...found };
    }
    return this.#findBegun(spelling, word);
  }

  #findBegun(start: string, word: Word): FoundOption | undefined {
    const begun = new Map<CoreOption | Option, { spelling: string; found: FoundOption }>();
    for (const [spelling, core] of CORE) {
      if (spelling.startsWith(start)) begun.set(core, { spelling, found: { core } });
    }
    for (const use of this.#scopes) {
      for (const [spelling, named] of spellingsOf(use)) {
        if (spelling.startsWith(start)) begun.set(named.option, { spelling, found: { use, ...named } });
      }
    }
    if (begun.size <= 1) return begun.values().next().value?.found;
    const names = [...begun.values()].map(({ spelling }) => `--${spelling}`);
    throw ruleError(word, `${named(word.text)} is ambiguous`, names.join(" or "));
  }
}
