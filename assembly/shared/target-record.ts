/** Records of targets in a rule program: offsets of what they hold. Numbers are in the engine's byte order. */

export enum TargetRecord {
  /** TargetKind. */
  KIND = 0,
  /** What verdicts and jumps have: they need no more than the rule's head. */
  SIZE = 8,
}

export enum TargetKind {
  NONE = 0,
  MARK,
  REJECT,
  /** SNAT, DNAT, MASQUERADE, REDIRECT, NETMAP. */
  NAT,
  CONNMARK_SET,
  CONNMARK_SAVE,
  CONNMARK_RESTORE,
  CT,
  NOTRACK,
  HOP_LIMIT,
  TOS,
  ECN,
  TCPMSS,
  TCPOPTSTRIP,
  CLASSIFY,
  TRACE,
  LOG,
  SET,
}

/** mark = (mark & ~MASK) ^ VALUE */
export enum MarkTargetRecord {
  VALUE = 4,
  MASK = 8,
  SIZE = 16,
}

export enum RejectRecord {
  /** 1: with a RST. */
  RESET = 1,
  /** Of the ICMP error. */
  TYPE = 2,
  CODE = 3,
  /** What follows its checksum, of the errors that a router sends: four bytes. */
  REST = 4,
  SIZE = 8,
}

/** Behind the head stands a NatRange (nat/range.ts): addresses as in packets, ports in host order. */
export enum NatRecord {
  MIN_ADDRESS = 8,
  MAX_ADDRESS = 24,
  /** NatFlag set. */
  FLAGS = 40,
  MIN_PORT = 44,
  MAX_PORT = 46,
  BASE_PORT = 48,
  SIZE = 56,
}

/** `CONNMARK`, whose kind says what it does with them. */
export enum ConnmarkRecord {
  /** Bits to the left, i8; negative: to the right. */
  SHIFT = 1,
  VALUE = 4,
  CT_MASK = 8,
  NF_MASK = 12,
  SIZE = 16,
}

/** Behind the head stands a Template (template.ts). */
export enum CtRecord {
  HELPER = 8,
  TIMEOUT_POLICY = 10,
  EVENT_MASK = 12,
  EXPECTATION_EVENTS = 14,
  EVENTS_CHOSEN = 15,
  ZONE = 16,
  /** CtZone set. */
  ZONE_OF = 18,
  SIZE = 24,
}

/** Directions that the zone counts for, and whether the packet's mark is its number. */
export enum CtZone {
  ORIGINAL = 1,
  REPLY = 2,
  MARK = 4,
}

/** `TTL` and `HL`. */
export enum HopLimitTargetRecord {
  /** HopLimitChange. */
  CHANGE = 1,
  VALUE = 2,
  SIZE = 8,
}

export enum HopLimitChange {
  SET = 0,
  INCREASE = 1,
  DECREASE = 2,
}

/** `TOS` and `DSCP`: tos = (tos & ~MASK) ^ VALUE */
export enum TosTargetRecord {
  VALUE = 1,
  MASK = 2,
  SIZE = 8,
}

export enum TcpmssRecord {
  /** u16; 0: what fits the path. */
  MSS = 2,
  SIZE = 8,
}

export enum TcpoptstripRecord {
  /** Bit n: option kind n. 32 bytes. */
  KINDS = 8,
  SIZE = 40,
}

export enum ClassifyRecord {
  PRIORITY = 4,
  SIZE = 8,
}

/** `LOG` and `NFLOG`. */
export enum LogTargetRecord {
  /** Bytes of the packet that are kept. */
  BYTES = 4,
  SIZE = 8,
}

/** `SET`: SetUses, of which those without a set are not meant. */
export enum SetTargetRecord {
  /** SetTargetFlag set. */
  FLAGS = 1,
  /** Seconds for an added element; with TIMEOUT. */
  TIMEOUT = 4,
  ADD = 8,
  DELETE = 16,
  MAP = 24,
  SIZE = 32,
}

export enum SetTargetFlag {
  EXIST = 1,
  TIMEOUT = 2,
  MAP_MARK = 4,
  MAP_PRIORITY = 8,
}
