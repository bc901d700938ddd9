import type { CtState, Direction } from "../../../assembly/shared/ct-state.js";
import type { Inverted, Network, Range } from "../values.js";

export type ConntrackStateName = keyof typeof CtState | "SNAT" | "DNAT";
export type ConntrackStatusName = "EXPECTED" | "SEEN_REPLY" | "ASSURED" | "CONFIRMED";

export interface ConntrackMatch {
  readonly name: "conntrack";
  /** Any of these; in canonical order. */
  readonly states?: Inverted<{ readonly any: readonly ConntrackStateName[] }>;
  readonly protocol?: Inverted<{ readonly number: number }>;
  readonly originalSource?: Inverted<Network>;
  readonly originalDestination?: Inverted<Network>;
  readonly replySource?: Inverted<Network>;
  readonly replyDestination?: Inverted<Network>;
  readonly originalSourcePort?: Inverted<Range>;
  readonly originalDestinationPort?: Inverted<Range>;
  readonly replySourcePort?: Inverted<Range>;
  readonly replyDestinationPort?: Inverted<Range>;
  /** Any of these; empty for NONE. */
  readonly status?: Inverted<{ readonly any: readonly ConntrackStatusName[] }>;
  /** Remaining seconds. */
  readonly expire?: Inverted<Range>;
  readonly direction?: keyof typeof Direction;
}
