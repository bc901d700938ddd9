/** One use of a match or target in a rule, while the rule is read. */
import type { Word } from "../text/source.js";
import type { Extension, Site } from "./extension.js";
import type { Given, GivenOption, Option, Options, ReadContext } from "./option.js";
import { ruleError } from "./rule-error.js";

export class ExtensionUse<Data = unknown> {
  readonly #given: Record<string, GivenOption | GivenOption[]> = {};

  constructor(
    readonly extension: Extension<Data>,
    readonly word: Word,
  ) {}

  give(name: string, option: Option, given: Omit<GivenOption, "value">, context: ReadContext): void {
    const { word, argument, invert } = given;
    if (invert && !option.invertible) throw ruleError(word, `--${name} cannot be inverted`);
    const earlier = this.#given[name];
    if (earlier && !option.many) throw ruleError(word, `--${name} can only be used once`);
    const value = option.read ? option.read(argument, context) : true;
    const one = { word, argument, invert, value };
    if (!option.many) this.#given[name] = one;
    else this.#given[name] = [...((earlier as GivenOption[] | undefined) ?? []), one];
  }

  /** @throws SourceError when options are missing or do not go together. */
  build(site: Omit<Site, "word">): Data {
    const { required = [], exclusive = [] } = this.extension;
    for (const names of exclusive) {
      const given = names.filter((name) => this.#given[name]);
      const [first, second] = given.sort((a, b) => this.#place(a).column - this.#place(b).column);
      if (first && second) {
        throw ruleError(this.#place(second), `--${second} cannot be used together with --${first}`);
      }
    }
    for (const names of required) {
      if (names.some((name) => this.#given[name])) continue;
      throw ruleError(
        this.word,
        `${this.extension.name} lacks an option`,
        names.map((name) => `--${name}`).join(" or "),
      );
    }
    return this.extension.build(this.#given as Given<Options>, { ...site, word: this.word });
  }

  #place(name: string): Word {
    const given = this.#given[name];
    return (Array.isArray(given) ? given[0] : given)?.word ?? this.word;
  }
}
