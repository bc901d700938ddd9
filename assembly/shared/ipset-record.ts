/** Sets in the engine: what TypeScript says of them and of their elements. */

/** Kinds of parts of an element. */
export enum SetPart {
  NONE = 0,
  IP = 1,
  NET = 2,
  PORT = 3,
  MAC = 4,
  IFACE = 5,
  MARK = 6,
  /** Another set: only of lists. */
  SET = 7,
}

export enum SetFlag {
  TIMEOUTS = 1,
  COUNTERS = 2,
  SKBINFO = 4,
  /** A new element may take the place of another. */
  FORCEADD = 8,
  /** Only values in the range; ports are TCP's and UDP's alike. */
  BITMAP = 16,
}

/** Settings of a set: offsets in its memory, which TypeScript writes when it has created it. */
export enum SetRecord {
  /** Behind the table (memory/hash-table.ts): SetPart of each part, how many, Family or 0 for either, SetFlags. */
  PARTS = 16,
  PART_COUNT = 19,
  FAMILY = 20,
  FLAGS = 21,
  MAX_ELEMENTS = 24,
  /** Seconds; 0: forever. */
  TIMEOUT = 28,
  MARK_MASK = 32,
  /** Of bitmaps; numbers, not bytes in network order. */
  RANGE_MIN = 36,
  RANGE_MAX = 40,
  /** What of addresses counts, 16 bytes. */
  MASK = 48,
  /** Of lists: address of the first member. */
  FIRST_MEMBER = 64,
  SIZE = 72,
}

/** The key of an element, zero where its type has no such part. */
export enum SetKey {
  /** 16 bytes; the first address. */
  ADDRESS = 0,
  /** 16 bytes: the second address, a name of an interface, a MAC address, a mark, the address of a set. */
  SECOND = 16,
  /** u16 */
  PORT = 32,
  PROTOCOL = 34,
  /** Of net parts. */
  PREFIX = 35,
  SECOND_PREFIX = 36,
  /** IfaceFlag set, behind the longest name of an interface. */
  IFACE = 31,
  SIZE = 40,
}

export enum IfaceFlag {
  /** All interfaces whose names begin so. */
  PREFIX = 1,
  /** Of a bridge's port, which is not known here. */
  PHYSICAL = 2,
}

/** An element: offsets from its entry in the table. */
export enum ElementRecord {
  KEY = 8,
  /** Tick at which it ends, when TIMED. */
  EXPIRES = 48,
  /** ElementFlag set, u8. */
  FLAGS = 52,
  PACKETS = 56,
  BYTES = 64,
  MARK = 72,
  MARK_MASK = 76,
  PRIORITY = 80,
  QUEUE = 84,
  /** Of lists: the next member. */
  NEXT_MEMBER = 88,
  SIZE = 96,
}

export enum ElementFlag {
  NOMATCH = 1,
  TIMED = 2,
  /** An address of bitmap:ip,mac whose MAC address the first packet gives. */
  ANY_MAC = 4,
  /** TypeScript keeps a comment of it; one that a rule adds anew has none. */
  COMMENTED = 8,
}

/** `-m set` and what `-j SET` says of each of its sets. */
export enum SetUse {
  /** Address of the set. */
  SET = 0,
  /** Bit n: part n is the packet's source, not its destination; u8. */
  SOURCES = 4,
  /** Parts that are named, u8: if fewer than the set has, it never matches. */
  DIMENSIONS = 5,
  SIZE = 8,
}
