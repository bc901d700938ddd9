/**
 * The journal of an explained packet: what rules saw of it (SIGHT), each rule that was asked (VISIT) and each policy
 * that was reached (POLICY), in the order in which that happened. The enums are offsets in the records.
 */

/** What all records begin with; they are multiples of 8 bytes long. */
export enum JournalRecord {
  /** Bytes from this record to the next, u32. */
  LENGTH = 0,
  /** JournalKind. */
  KIND = 4,
}

export enum JournalKind {
  SIGHT = 0,
  VISIT,
  POLICY,
}

/** The packet as the rules that follow see it. */
export enum SightRecord {
  HOOK = 5,
  FAMILY = 6,
  PROTOCOL = 7,
  CT_STATE = 8,
  DIRECTION = 9,
  /** SightFlow. */
  FLOW = 10,
  /** Bytes of the Ethernet header that stand behind the packet's. */
  LINK_BYTES = 11,
  MARK = 12,
  IN_DEVICE = 16,
  OUT_DEVICE = 18,
  /** Bytes by the IP header; where the transport header begins, from there on; bytes of it that can be read. */
  PACKET_LENGTH = 20,
  TRANSPORT = 24,
  CAPTURED = 28,
  TIME = 32,
  /** Bytes of the packet that the record has. */
  PACKET_BYTES = 40,
  /** 1: this machine has sent it. */
  SENT = 44,
  /** A copy of the flow; then the packet. */
  FLOW_COPY = 48,
}

export enum SightFlow {
  NONE = 0,
  OWN = 1,
  /** What `-j CT` has prepared for the flow to come. */
  TEMPLATE = 2,
}

/** A rule that was asked. */
export enum VisitRecord {
  /** Whether it matched: the engine's Outcome (rule/outcome.ts). */
  OUTCOME = 5,
  /** RuleCheck that did not hold, 0 for none. */
  FAILED_CHECK = 6,
  /** Number of the rule in the program, u32. */
  RULE = 8,
  /** How many of its matches were asked, u32: all of them but the last have held. */
  ASKED = 12,
  /** What each of these saw: two u64 (rule/seen.ts). */
  SEEN = 16,
}

/** A base chain whose policy decides. */
export enum PolicyRecord {
  /** Number of the chain, u32. */
  CHAIN = 8,
  SIZE = 16,
}
