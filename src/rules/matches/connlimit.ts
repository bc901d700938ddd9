import type { AddressBytes } from "../values.js";

export interface ConnlimitMatch {
  readonly name: "connlimit";
  /** "above": more than `limit` connections; "upto": that many or fewer. */
  readonly comparison: "above" | "upto";
  readonly limit: number;
  readonly address: "source" | "destination";
  readonly mask: AddressBytes;
}
