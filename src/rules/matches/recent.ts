import type { AddressBytes } from "../values.js";

export interface RecentMatch {
  readonly name: "recent";
  readonly invert: boolean;
  readonly operation: "set" | "rcheck" | "update" | "remove";
  /** Rules with the same name share their list. */
  readonly list: string;
  /** 0: not looked at. */
  readonly seconds: number;
  /** 0: not looked at. */
  readonly hitcount: number;
  readonly reap: boolean;
  readonly ttl: boolean;
  readonly address: "source" | "destination";
  readonly mask: AddressBytes;
}
