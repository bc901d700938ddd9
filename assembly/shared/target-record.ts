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
