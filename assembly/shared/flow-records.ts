/** Records of matches that ask about the packet's flow. The first bytes of each are a MatchRecord. */

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

export enum HelperRecord {
  /** 16 bytes, padded with zeros. */
  NAME = 8,
  SIZE = 24,
}

export enum ConnbytesRecord {
  /** Bit 0: the original direction counts, bit 1: the reply. */
  DIRECTIONS = 4,
  /** ConnbytesMode. */
  MODE = 5,
  /** u64 */
  MIN = 8,
  MAX = 16,
  SIZE = 24,
}

export enum ConnbytesMode {
  PACKETS = 0,
  BYTES = 1,
  AVERAGE = 2,
}

export enum ConnlabelRecord {
  LABEL = 4,
  /** 1: sets it, too. */
  SET = 5,
  SIZE = 8,
}
