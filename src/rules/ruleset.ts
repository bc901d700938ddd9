/** What iptables-save prints, as data. Everything is in the form that deciding about packets needs. */
import type { Match } from "./matches/index.js";
import type { Target } from "./targets/index.js";
import type { InterfacePattern, Inverted, Network } from "./values.js";

export type RuleFamily = "ipv4" | "ipv6";

export const TABLE_NAMES = ["raw", "mangle", "nat", "filter", "security"] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** The base chains that each table has, in the kernel's order. */
export const BASE_CHAINS: Readonly<Record<TableName, readonly HookName[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

export const HOOK_NAMES = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"] as const;
export type HookName = (typeof HOOK_NAMES)[number];

export interface Ruleset {
  readonly family: RuleFamily;
  /** In the order of the text; a table that the text does not have is missing. */
  readonly tables: readonly Table[];
}

export interface Table {
  readonly name: TableName;
  /** Base chains in hook order, all that the table has; then user chains by name, as iptables-save sorts them. */
  readonly chains: readonly Chain[];
}

export interface Chain {
  readonly name: string;
  /** Of base chains alone; a chain without one is a user chain. */
  readonly policy?: "ACCEPT" | "DROP";
  /** Decided by the policy so far; 0 for user chains. */
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly rules: readonly Rule[];
}

/** All conditions must hold: addresses, interfaces, protocol, fragment, then the matches in their order. */
export interface Rule {
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly source?: Inverted<Network>;
  readonly destination?: Inverted<Network>;
  readonly in?: Inverted<InterfacePattern>;
  readonly out?: Inverted<InterfacePattern>;
  /** IP protocol number; for IPv6 of the header behind all extension headers. */
  readonly protocol?: Inverted<{ readonly number: number }>;
  /** IPv4: second and further fragments only (inverted: only first fragments and whole datagrams). */
  readonly fragment?: { readonly invert: boolean };
  readonly matches: readonly Match[];
  /** A rule without a target only counts. */
  readonly target?: Target;
  /**
   * The match or target that is not supported, in rulesets that were read with `unsupported: "report"`. Such a rule
   * never matches; `matches` and `target` hold nothing.
   */
  readonly unsupported?: { readonly kind: "match" | "target"; readonly name: string };
  /** Where the rule stood, both from 1. */
  readonly line: number;
  readonly column: number;
  /** As iptables-save prints it, from "-A" on, without counters. */
  readonly text: string;
}
