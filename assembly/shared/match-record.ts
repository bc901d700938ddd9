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
  /** `esp`, `length`, `tcpmss`: a number in a range. */
  ESP,
  LENGTH,
  TCPMSS,
  AH,
  FRAG,
  RT,
  /** `hbh` and `dst`. */
  OPTION_HEADER,
  IPV6HEADER,
  SCTP,
  MULTIPORT,
  ADDRTYPE,
  IPRANGE,
  /** `ttl` and `hl`. */
  HOP_LIMIT,
  /** `tos` and `dscp`. */
  TOS,
  ECN,
  STATISTIC_NTH,
  STATISTIC_RANDOM,
  LIMIT,
  QUOTA,
  STRING,
  U32,
  PKTTYPE,
  MAC,
  TIME,
  HELPER,
  CONNBYTES,
  CONNLABEL,
  RECENT,
  HASHLIMIT,
  CONNLIMIT,
  OWNER,
  SET,
}

/** Where a match is nothing but a range of numbers, both ends included. */
export enum RangeRecord {
  MIN = 4,
  MAX = 8,
  SIZE = 16,
}

export enum Comparison {
  EQ = 0,
  NE = 1,
  LT = 2,
  GT = 3,
}
