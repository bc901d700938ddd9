/**
 * Matchers for vitest: `import "conntrack-wasm/vitest"`, in a test or in a file of `setupFiles`, and
 * `expect(firewall.process(...)).toBeAccepted()` and the others are there.
 */
import { expect } from "vitest";
import { type FirewallMatchers, firewallMatchers } from "./matchers.js";

expect.extend(firewallMatchers);

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: it has to be declared as vitest declares it.
  interface Matchers<T = any> extends FirewallMatchers<T> {}
}

export {
  type FirewallMatchers,
  firewallMatchers,
  type LeavingPacket,
  type RulePlace,
  type RuleReference,
} from "./matchers.js";
