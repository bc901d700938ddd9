/**
 * Where the kernel's answer depends on chance. Everything that is compared less strictly for that reason goes
 * through this file.
 *
 * Still to come, with address translation: after a clash the kernel picks the port or id of a translated flow at
 * random. Then ours has to be legal and unique, not the same; tuples of such flows must be made neutral on both
 * sides before listing, flows, events and emitted packets are compared.
 */
import type { Scenario } from "./recording.js";

/**
 * A scenario with a bucket count watches early drop: which entries go, and how many at once, depends on the hash
 * key of the running kernel. Fates, counts and what must survive remain comparable.
 */
export function isHashDependent(scenario: Scenario): boolean {
  return scenario.buckets !== undefined;
}
