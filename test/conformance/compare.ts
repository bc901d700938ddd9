import type { ConntrackLike, EventView, FirewallLike, PacketResult } from "./api.js";
import type { Scenario, Step } from "./recording.js";

/** One thing in which we differ from the kernel. */
export interface Difference {
  aspect: string;
  kernel: string;
  ours: string;
}

/** Everything there is to compare after one step. */
export interface Observation {
  scenario: Scenario;
  step: Step;
  /** Milliseconds, the time handed in with the packet. */
  time: number;
  conntrack: ConntrackLike;
  /** Absent when the step was no packet. */
  packet?: Uint8Array;
  result?: PacketResult;
  /** The packet was lost after tracking, outside of it: it was tracked with `confirm: false`. */
  lostLater: boolean;
  /** Events drained after this step. */
  events: readonly EventView[];
  /** What the log says of this step, up to where it describes the packet. */
  log?: readonly string[];
  expired: ExpiredFlows;
}

/** Compares one aspect of one step; nothing returned means agreement. */
export type Comparer = (seen: Observation) => Difference[];

/** The state after a whole scenario. */
export interface Ending {
  scenario: Scenario;
  conntrack: ConntrackLike;
  firewall?: FirewallLike;
  expired: ExpiredFlows;
}

export type EndComparer = (ending: Ending) => Difference[];

export const AGREED: Difference[] = [];

export function differs(aspect: string, kernel: unknown, ours: unknown): Difference[] {
  return [{ aspect, kernel: show(kernel), ours: show(ours) }];
}

/** Differs unless both are the same scalar or have the same scalars in the same order. */
export function equal(aspect: string, kernel: unknown, ours: unknown): Difference[] {
  const left = show(kernel);
  const right = show(ours);
  return left === right ? AGREED : [{ aspect, kernel: left, ours: right }];
}

/** The kernel rounds seconds down after it has lost some milliseconds; so do we, at another instant. */
export function near(kernel: number, ours: number): boolean {
  return Math.abs(kernel - ours) <= 1;
}

export function show(value: unknown): string {
  if (value === undefined) return "none";
  if (Array.isArray(value)) return `[${value.map(show).join(" ")}]`;
  return String(value);
}

/**
 * Flows whose time ran out are destroyed when somebody comes across them: in the kernel a lookup, a listing or the
 * collector. That moment is not comparable, but what the event says is. Keyed by the original tuple.
 */
export interface ExpiredFlows {
  kernel: Map<string, string[]>;
  ours: Map<string, string[]>;
}
