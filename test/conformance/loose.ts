/**
 * Where the kernel's answer depends on chance. Everything that is compared less strictly for that reason goes
 * through this file.
 */
import type { Scenario } from "./recording.js";

/**
 * A scenario with a bucket count watches early drop: which entries go, and how many at once, depends on the hash
 * key of the running kernel. Fates, counts and what must survive remain comparable.
 */
export function isHashDependent(scenario: Scenario): boolean {
  return scenario.buckets !== undefined;
}

/**
 * After a clash the kernel picks the port or id of a translated flow at random: compare then that ours is legal
 * and unique, not that it is the same. Nothing translates addresses yet, so nothing is loosened yet; rewrite the
 * tuples of such flows on both sides before they are compared.
 */
export function isPortChosenByChance(_scenario: Scenario, _tuple: string): boolean {
  return false;
}
