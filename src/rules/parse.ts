import type { Ruleset } from "./ruleset.js";
export function parseRuleset(_text: string, _options: { family: string }): Ruleset {
  throw new Error("stub");
}
