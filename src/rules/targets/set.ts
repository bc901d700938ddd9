import type { SetDimension } from "../matches/set.js";

export interface SetEntry {
  readonly set: string;
  readonly dimensions: readonly SetDimension[];
}

export interface SetTarget {
  readonly name: "SET";
  readonly add?: SetEntry & {
    /** An element that is there already gets its timeout anew. */
    readonly exist: boolean;
    /** Seconds; undefined: the set's default. */
    readonly timeout?: number;
  };
  readonly delete?: SetEntry;
  /** Sets mark, priority and queue of the packet from the element. */
  readonly map?: SetEntry & {
    readonly mark: boolean;
    readonly priority: boolean;
    readonly queue: boolean;
  };
}
