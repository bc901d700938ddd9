/** Records of matches in a rule program: offsets of what they hold. Numbers are in the engine's byte order. */

/** What all records of matches begin with; they are multiples of 8 bytes long. */
export enum MatchRecord {
  /** MatchKind. */
  KIND = 0,
  /** Which of its conditions are inverted: 1 if it has but one. */
  INVERTED = 1,
  /** Bytes from this record to the next. */
  LENGTH = 2,
}

export enum MatchKind {
  /** `state`, and `conntrack` with nothing but states. */
  STATE = 0,
  CONNTRACK,
  MARK,
  CONNMARK,
  TCP,
  UDP,
  ICMP,
}

export enum StateRecord {
  /** StateBit set; u16, inversion already applied. */
  STATES = 4,
  SIZE = 8,
}

/** Bits 0 to 4 are those of CtState. */
export enum StateBit {
  SNAT = 32,
  DNAT = 64,
}

/** Conditions of `conntrack`; the same bits say which are inverted. */
export enum ConntrackCheck {
  STATE = 1,
  PROTOCOL = 2,
  STATUS = 4,
  EXPIRE = 8,
  ORIGINAL = 16,
  REPLY = 32,
  /** Four each, in the order of the record's fields. */
  ADDRESS = 64,
  PORT = 1024,
}

export enum ConntrackRecord {
  /** u16 */
  STATES = 4,
  STATUS = 6,
  /** ConntrackCheck, u32 */
  CHECKS = 8,
  INVERTED = 12,
  EXPIRE_MIN = 16,
  EXPIRE_MAX = 20,
  PROTOCOL = 24,
  /** Pairs of u16, smallest and largest: original source, original destination, reply source, reply destination. */
  PORTS = 28,
  /** Pairs of 16 bytes, address and mask, in the same order; IPv4 addresses stand first in theirs. */
  ADDRESSES = 48,
  SIZE = 176,
}

/** `mark` and `connmark`: holds when (mark & MASK) == VALUE. */
export enum MarkRecord {
  VALUE = 4,
  MASK = 8,
  SIZE = 16,
}

/** Inversions of ports and of what else `tcp` looks at. */
export enum PortCheck {
  SOURCE = 1,
  DESTINATION = 2,
  FLAGS = 4,
  OPTION = 8,
}

/** `udp` as well, which has the ports alone. */
export enum TcpRecord {
  SOURCE_MIN = 4,
  SOURCE_MAX = 6,
  DESTINATION_MIN = 8,
  DESTINATION_MAX = 10,
  FLAGS = 12,
  FLAGS_MASK = 13,
  /** Kind of an option, 0 = none. */
  OPTION = 14,
  SIZE = 16,
}

/** Also `icmp6`. */
export enum IcmpRecord {
  ANY_TYPE = 4,
  TYPE = 5,
  CODE_MIN = 6,
  CODE_MAX = 7,
  SIZE = 8,
}
