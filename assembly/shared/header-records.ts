/** Records of matches that look at the packet's bytes. The first bytes of each are a MatchRecord. */

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

/** Inverted: bit 0 the SPI, bit 1 the length. */
export enum AhRecord {
  MIN = 4,
  MAX = 8,
  /** Bytes, u16; 0 = any. */
  HEADER_LENGTH = 12,
  /** 1: the reserved field must be zero. */
  RESERVED = 14,
  SIZE = 16,
}

export enum FragRecord {
  MIN = 4,
  MAX = 8,
  /** FragCheck set. */
  CHECKS = 12,
  SIZE = 16,
}

export enum FragCheck {
  RESERVED = 1,
  FIRST = 2,
  MORE = 4,
  LAST = 8,
}

/** Also of `rt`, which inverts them. */
export enum RtCheck {
  SEGMENTS = 1,
  TYPE = 2,
  LENGTH = 4,
  RESERVED = 8,
  ADDRESSES = 16,
  NOT_STRICT = 32,
}

export enum RtRecord {
  SEGMENTS_MIN = 4,
  SEGMENTS_MAX = 8,
  /** Bytes, u16. */
  HEADER_LENGTH = 12,
  TYPE = 14,
  CHECKS = 15,
  ADDRESS_COUNT = 16,
  /** 16 bytes each. */
  ADDRESSES = 24,
  SIZE = 24,
}

export enum OptionHeaderRecord {
  /** Which header: its protocol number. */
  HEADER = 4,
  OPTION_COUNT = 5,
  /** Bytes, u16; 0 = any. */
  HEADER_LENGTH = 6,
  /** Type u8, 1 for any length u8, length u8, unused u8. */
  OPTIONS = 8,
  OPTION_SIZE = 4,
  SIZE = 8,
}

export enum Ipv6headerRecord {
  /** Ipv6HeaderBit set. */
  HEADERS = 4,
  /** 1: further headers may be there. */
  SOFT = 5,
  SIZE = 8,
}

export enum Ipv6HeaderBit {
  PROTOCOL = 1,
  NONE = 2,
  ESP = 4,
  AUTHENTICATION = 8,
  FRAGMENT = 16,
  ROUTING = 32,
  DESTINATION = 64,
  HOP_BY_HOP = 128,
}

/** Ports as in TcpRecord; PortCheck.FLAGS inverts the chunks. */
export enum SctpRecord {
  /** ChunkRule. */
  RULE = 12,
  /** Entries of FLAGS. */
  FLAG_COUNT = 13,
  /** Bit n: chunk type n. 32 bytes. */
  TYPES = 16,
  /** Chunk type, mask, value, unused: u8 each. */
  FLAGS = 48,
  FLAG_SIZE = 4,
  SIZE = 48,
}

export enum ChunkRule {
  /** Chunks are not looked at. */
  NONE = 0,
  ALL = 1,
  ANY = 2,
  ONLY = 3,
}

export enum MultiportRecord {
  /** PortCheck.SOURCE, DESTINATION or both. */
  PORTS = 4,
  COUNT = 5,
  /** Pairs of u16. */
  RANGES = 8,
  SIZE = 8,
}

/** Inverted: bit 0 the source, bit 1 the destination. */
export enum AddrtypeRecord {
  /** Sets of 1 << RouteType, u16; 0 = not looked at. */
  SOURCE = 4,
  DESTINATION = 6,
  /** AddrtypeDevice. */
  DEVICE = 8,
  SIZE = 16,
}

export enum AddrtypeDevice {
  ANY = 0,
  IN = 1,
  OUT = 2,
}

/** Inverted: bit 0 the source, bit 1 the destination. */
export enum IprangeRecord {
  /** Bit 0: there is a source range, bit 1: a destination range. */
  CHECKS = 4,
  /** Smallest and largest; upper and lower half, u64 each, IPv4 in the lower. Numbers, not bytes in network order. */
  SOURCE = 8,
  DESTINATION = 40,
  SIZE = 72,
}

export enum HopLimitRecord {
  /** Comparison. */
  COMPARISON = 4,
  VALUE = 5,
  SIZE = 8,
}

/** Holds when (the byte & MASK) == VALUE. */
export enum TosRecord {
  VALUE = 4,
  MASK = 5,
  SIZE = 8,
}

export enum EcnRecord {
  /** Bits of the TOS byte as in TosRecord; with IP_INVERTED. */
  IP_VALUE = 4,
  IP_MASK = 5,
  IP_INVERTED = 6,
  /** TCP flags that have to be set, and that must not be. */
  SET = 7,
  CLEAR = 8,
  SIZE = 16,
}

export enum StringRecord {
  /** Offsets from the IP header on, u32. */
  FROM = 4,
  TO = 8,
  PATTERN_LENGTH = 12,
  /** 1: letters match in either case; the pattern is in small ones. */
  IGNORE_CASE = 13,
  PATTERN = 16,
  SIZE = 16,
}

export enum U32Record {
  COUNT = 4,
  /** For each test, u32: start, number of steps, number of ranges; steps (U32Step, number); ranges (min, max). */
  TESTS = 8,
  SIZE = 8,
}

export enum U32Step {
  AND = 0,
  LEFT = 1,
  RIGHT = 2,
  AT = 3,
}

export enum PkttypeRecord {
  /** PacketType. */
  TYPE = 4,
  SIZE = 8,
}

export enum PacketType {
  UNICAST = 0,
  BROADCAST = 1,
  MULTICAST = 2,
  /** Does not reach rules. */
  OTHER_HOST = 3,
}

export enum MacRecord {
  ADDRESS = 4,
  SIZE = 16,
}

export enum OwnerRecord {
  /** OwnerCheck set. */
  CHECKS = 4,
  /** u32 */
  UID_MIN = 8,
  UID_MAX = 12,
  GID_MIN = 16,
  GID_MAX = 20,
  SIZE = 24,
}

export enum OwnerCheck {
  UID = 1,
  GID = 2,
  SOCKET = 4,
  /** Not a condition of its own: supplementary groups count for GID. */
  GROUPS = 8,
}

/** Supplementary groups of whoever sends a packet. */
export const MAX_GROUPS = 256;
