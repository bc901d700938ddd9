/** What encoders of matches and targets write into, and what they have to know. */
import { ConntrackError } from "../../errors.js";
import type { Rule, RuleFamily } from "../ruleset.js";
import type { ProgramImage } from "./image.js";

export interface EncodeContext {
  readonly image: ProgramImage;
  readonly family: RuleFamily;
  /** The rule that is being encoded. */
  readonly rule: Rule;
  readonly needs: ProgramNeeds;
  readonly resources: RuleResources;
}

/** What rules name that others keep: all give a number, 0 for a name that nobody knows. */
export interface RuleResources {
  helper(name: string, protocol: number | undefined, family: RuleFamily): number;
  timeoutPolicy(name: string): number;
}

/** What rules ask of the engine around them. */
export interface ProgramNeeds {
  /** Flows have to count packets and bytes from now on. */
  accounting: boolean;
}

/** An error about the rule at hand. */
export function badRule(rule: Rule, message: string): ConntrackError {
  return new ConntrackError("CT_BAD_RULE", `line ${rule.line}: ${message}: ${rule.text}`);
}
