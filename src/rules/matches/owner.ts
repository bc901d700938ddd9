import type { Inverted, Range } from "../values.js";

export interface OwnerMatch {
  readonly name: "owner";
  readonly uid?: Inverted<Range>;
  readonly gid?: Inverted<Range>;
  /** Supplementary groups count for `gid`, too. */
  readonly supplementaryGroups: boolean;
  readonly socketExists?: { readonly invert: boolean };
}
