import type { Ruleset } from "./ruleset.js";
export function printRuleset(_r: Ruleset, _options: { counters?: boolean }): string {
  throw new Error("stub");
}
