/** What encoders of matches and targets write into, and what they have to know. */
import { ConntrackError } from "../../errors.js";
import type { Rule, RuleFamily } from "../ruleset.js";
import type { AddressBytes } from "../values.js";
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
  /** The kernel's time zone, in minutes; default 0. */
  readonly minutesEast?: number;
  helper(name: string, protocol: number | undefined, family: RuleFamily): number;
  timeoutPolicy(name: string, protocol: number | undefined): number;
  /** Address of a list of `recent` that keeps at least so many stamps. The first rule that names it gives the mask. */
  recentList(name: string, stamps: number, mask: AddressBytes): number;
  /** Address of a table of `hashlimit`. The first rule that names it gives its settings. */
  set(name: string): number;
  hashlimit(name: string, family: RuleFamily, settings: HashlimitSettings): number;
}

export interface HashlimitSettings {
  /** HashlimitKey set. */
  readonly mode: number;
  readonly max: number;
  /** Ticks. */
  readonly expire: number;
  readonly gcInterval: number;
  /** Credits. */
  readonly cost: bigint;
  readonly cap: bigint;
  readonly sourcePrefix: number;
  readonly destinationPrefix: number;
}

/** What rules ask of the engine around them. */
export interface ProgramNeeds {
  /** Flows have to count packets and bytes from now on. */
  accounting: boolean;
  /** Offsets of records of `connlimit`, whose memory is to be given back with the program. */
  readonly connlimits: number[];
  /** Names of sets. */
  readonly sets: Set<string>;
}

/** An error about the rule at hand. */
export function badRule(rule: Rule, message: string): ConntrackError {
  return new ConntrackError("CT_BAD_RULE", `line ${rule.line}: ${message}: ${rule.text}`);
}
