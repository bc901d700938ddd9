import type { Inverted, Masked, Range } from "../values.js";

export interface SctpChunk {
  /** Chunk type, 0 to 255. */
  readonly type: number;
  /** Holds when (chunk flags & mask) === value. */
  readonly flags?: Masked;
}

export interface SctpMatch {
  readonly name: "sctp";
  readonly sourcePort?: Inverted<Range>;
  readonly destinationPort?: Inverted<Range>;
  readonly chunks?: Inverted<{
    readonly match: "all" | "any" | "only";
    readonly types: readonly SctpChunk[];
  }>;
}
