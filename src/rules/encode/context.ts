/** What encoders of matches and targets write into, and what they have to know. */
import { ConntrackError } from "../../errors.js";
import type { Rule, RuleFamily } from "../ruleset.js";
import type { ProgramImage } from "./image.js";

export interface EncodeContext {
  readonly image: ProgramImage;
  readonly family: RuleFamily;
  /** The rule that is being encoded. */
  readonly rule: Rule;
}

/** An error about the rule at hand. */
export function badRule(rule: Rule, message: string): ConntrackError {
  return new ConntrackError("CT_BAD_RULE", `line ${rule.line}: ${message}: ${rule.text}`);
}
