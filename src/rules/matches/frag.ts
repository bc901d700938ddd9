import type { Inverted, Range } from "../values.js";

/** IPv6: the fragment header. */
export interface FragMatch {
  readonly name: "frag";
  readonly id: Inverted<Range>;
  /** The reserved fields must be zero. */
  readonly reserved: boolean;
  readonly first: boolean;
  /** More fragments follow, or this is the last one. */
  readonly more: boolean;
  readonly last: boolean;
}
