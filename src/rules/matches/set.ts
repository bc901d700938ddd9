export type SetDimension = "src" | "dst";
export interface SetCounterTest {
  readonly comparison: "eq" | "ne" | "lt" | "gt";
  readonly value: bigint;
}

export interface SetMatch {
  readonly name: "set";
  readonly invert: boolean;
  readonly set: string;
  /** One for each part of the set's elements. */
  readonly dimensions: readonly SetDimension[];
  /** An element with "nomatch" counts as a match. */
  readonly returnNomatch: boolean;
  readonly updateCounters: boolean;
  readonly updateSubcounters: boolean;
  readonly packets?: SetCounterTest;
  readonly bytes?: SetCounterTest;
}
