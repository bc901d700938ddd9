import { SourceError, type Word } from "../text/source.js";

export function ruleError(place: Word, problem: string, expected?: string): SourceError {
  return new SourceError("CT_BAD_RULE", place, problem, expected);
}

/** A match or target that Linux has and this library has not. */
export class UnsupportedRuleError extends SourceError {
  readonly unsupported: { readonly kind: "match" | "target"; readonly name: string };

  constructor(place: Word, kind: "match" | "target", name: string) {
    super("CT_BAD_RULE", place, `the ${kind} ${name} is not supported`);
    this.name = "UnsupportedRuleError";
    this.unsupported = { kind, name };
  }
}

/** As it is written in messages. */
export function named(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}

/** For an argument that is none. */
export function badArgument(place: Word, expected: string): SourceError {
  const problem = place.text === "" ? "nothing stands here" : `${named(place.text)} cannot stand here`;
  return ruleError(place, problem, expected);
}
