import type { Ring } from "./ring.js";

/** "conntrack" and "router" take part in `nat` only: the engine without rules, and with hooks but no rule. */
export type ContestantName = "ours" | "floor" | "jsMap" | "jsHash" | "conntrack" | "router";

/** What is measured. Each one loops over the ring itself, so that its inner loop sees its own types only. */
export interface Contestant {
  readonly name: ContestantName;
  /** False for the floor: it moves the bytes that a tracker must move and decides nothing. */
  readonly judges: boolean;
  /** Tracks the ring's frames in one call; how many came out ESTABLISHED. */
  trackBatch(ring: Ring): number;
  /** Tracks the ring's frames with one call each; how many came out ESTABLISHED. */
  trackEach(ring: Ring): number;
  /** As trackBatch, and a slice of the sweep for expired flows with it. */
  trackAndSweep(ring: Ring): number;
  /** Turns the verification of TCP checksums on or off. */
  verifyChecksums(on: boolean): void;
  /** Removes every flow whose timeout is over at `time` (ms). */
  expire(time: number): void;
  /** Flows in the table. */
  flowCount(): number;
  /** Flows in state TIME_WAIT. */
  timeWaitCount(): number;
  /** Bytes that the tables take: index, flows, everything that grows with their number. */
  tableBytes(): number;
}
