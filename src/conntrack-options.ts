/** What a Conntrack begins with. */
import { badOption, wholeNumber } from "./option-value.js";
import type { TimeoutPolicy } from "./timeout-policy.js";

export interface ConntrackOptions {
  /** Linux sysctls by name (with or without "net.netfilter."), in Linux units. */
  readonly sysctl?: Readonly<Record<string, number>>;
  /** 16 bytes of hash key; default random. Only tests that want repeatable layouts should set it. */
  readonly hashSeed?: Uint8Array;
  /**
   * How many events wait for drainEvents() before further ones are lost; default 4096, 0 for none. Each takes 128 bytes, or
   * 256 when it is about a flow with counters, an extension or IPv6 addresses.
   */
  readonly eventCapacity?: number;
  /**
   * For so many flows (0 to 2^24, default 0) memory is asked for at once, which the system provides as it is used: some
   * 220 bytes each. A table that grows without has to ask for more from time to time, and V8 answers each time with
   * a garbage collection of some milliseconds.
   */
  readonly reservedFlows?: number;
  /** Timeout policies by name, as addTimeoutPolicy() makes them. */
  readonly timeoutPolicies?: Readonly<Record<string, TimeoutPolicy>>;
}

const DEFAULT_EVENTS = 4096;
const MAX_EVENTS = 1 << 22;
const MAX_RESERVED = 1 << 24;

/** The options that an engine is made from. @throws ConntrackError CT_BAD_OPTION */
export function checked({ hashSeed, eventCapacity = DEFAULT_EVENTS, reservedFlows = 0 }: ConntrackOptions) {
  if (hashSeed && hashSeed.length !== 16) throw badOption("hashSeed: length", hashSeed.length, "16 bytes");
  wholeNumber("reservedFlows", reservedFlows, MAX_RESERVED);
  return {
    seed: hashSeed ?? crypto.getRandomValues(new Uint8Array(16)),
    events: wholeNumber("eventCapacity", eventCapacity, MAX_EVENTS),
  };
}
