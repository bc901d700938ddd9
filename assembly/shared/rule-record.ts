/**
 * How a rule program lies in memory: the bytes that TypeScript writes (src/rules/encode/) and the engine reads
 * (assembly/rule/). The enums are offsets; what they mean together stands at the head of assembly/rule/program.ts.
 */

/** The head of a program. */
export enum ProgramRecord {
  /** Addresses of the base chains, by family (IPv4, IPv6), table and hook; 0: there is none. */
  CHAINS = 0,
  /** Where the rules and chains are kept to which evaluation returns: two addresses for each chain. */
  STACK = 200,
  SIZE = 208,
}

/** Base chains of a family, and of a table. */
export const CHAINS_OF_FAMILY = 25;
export const CHAINS_OF_TABLE = 5;

export enum ChainRecord {
  /** Packets u64 and bytes u64 that the policy decided about. */
  COUNTERS = 0,
  /** What comes first: a rule, a classifier, or nothing (0). */
  ENTRY = 16,
  /** Number of the chain, for whoever names it. */
  NUMBER = 20,
  /** RuleVerdict of a base chain. */
  POLICY = 24,
  SIZE = 32,
}

/** Rules, chains and classifiers begin at multiples of this. */
export const RULE_ALIGNMENT = 16;

export enum RuleRecord {
  /** Packets u64 and bytes u64. */
  COUNTERS = 0,
  /** What comes next in the chain: a rule, a classifier, or nothing (0). */
  NEXT = 16,
  /** Address of the target's record, which is where the matches end. */
  TARGET = 20,
  /** Number of the rule in the program, from 1. */
  NUMBER = 24,
  /** Address of the chain that is jumped to. */
  CHAIN = 28,
  /** Offset of the first match from the rule's start. */
  MATCHES = 32,
  /** RuleCheck bits: which conditions the rule has before its matches, and which of them are inverted. */
  CHECKS = 34,
  INVERTED = 35,
  PROTOCOL = 36,
  /** RuleAction. */
  ACTION = 37,
  SIZE = 40,
}

/**
 * Conditions before the matches. Addresses and devices follow the rule's head when there is a check that needs them,
 * in this order: source, its mask, destination, its mask (4 or 16 bytes each); in device, its mask, out device, its
 * mask (16 bytes each).
 */
export enum RuleCheck {
  SOURCE = 1,
  DESTINATION = 2,
  IN = 4,
  OUT = 8,
  PROTOCOL = 16,
  FRAGMENT = 32,
  /** Not a condition: the rule is one that never matches. */
  NEVER = 64,
}

/** What a rule does that matches. */
export enum RuleAction {
  /** It only counts. */
  CONTINUE = 0,
  ACCEPT = 1,
  DROP = 2,
  RETURN = 3,
  JUMP = 4,
  GOTO = 5,
  /** Changes the packet or its flow, or tells of it, and goes on. */
  APPLY = 6,
  REJECT = 7,
  NAT = 8,
}
