/** Records of matches that count, or keep time. The first bytes of each are a MatchRecord. */

export enum StatisticRecord {
  /** Nth: one packet less than its period; random: in units of 2^-31. u32 */
  EVERY = 4,
  /** Nth: packets since the last one that matched. u32 */
  COUNT = 8,
  SIZE = 16,
}

/** In credits, u32. */
export enum LimitRecord {
  COST = 4,
  CAP = 8,
  CREDIT = 12,
  /** Tick of the last packet. */
  PREVIOUS = 16,
  SIZE = 24,
}

export enum QuotaRecord {
  /** Bytes, u64. */
  LEFT = 8,
  SIZE = 16,
}

export enum TimeRecord {
  /** Seconds since 1970, u32. */
  DATE_MIN = 4,
  DATE_MAX = 8,
  /** Seconds of the day, u32. */
  DAYTIME_MIN = 12,
  DAYTIME_MAX = 16,
  /** Bit n: day n of the month, 1 to 31. u32 */
  MONTH_DAYS = 20,
  /** Bit n: Monday (1) to Sunday (7). */
  WEEK_DAYS = 24,
  /** 1: a daytime over midnight belongs to the day on which it begins. */
  CONTIGUOUS = 25,
  /** Seconds by which the clock that counts is ahead of UTC, i32. */
  OFFSET = 28,
  SIZE = 32,
}

export enum RecentRecord {
  /** RecentOperation. */
  OPERATION = 4,
  /** 1: the destination counts, not the source. */
  DESTINATION = 5,
  /** 1: the hop limit has to be the same, too. */
  TTL = 6,
  /** 1: forgets old addresses. */
  REAP = 7,
  /** 0 = not looked at; u32 */
  SECONDS = 8,
  HITS = 12,
  /** Address of the list (memory/recent-list.ts). */
  LIST = 16,
  SIZE = 24,
}

export enum RecentOperation {
  SET = 0,
  CHECK = 1,
  UPDATE = 2,
  REMOVE = 3,
}

/** Inverted: matches above the rate. */
export enum HashlimitRecord {
  /** Address of the table (memory/hashlimit-table.ts). */
  TABLE = 8,
  SIZE = 16,
}

/** What a bucket of `hashlimit` stands for. */
export enum HashlimitKey {
  SOURCE = 1,
  DESTINATION = 2,
  SOURCE_PORT = 4,
  DESTINATION_PORT = 8,
  /** Not part of the key: bytes are counted, not packets. */
  BYTES = 16,
}

/** Inverted: up to the limit. */
export enum ConnlimitRecord {
  /** 1: the destination counts, not the source. */
  DESTINATION = 4,
  LIMIT = 8,
  /** Where the connections are kept (memory/connections.ts): made with the first. */
  CONNECTIONS = 12,
  /** Address mask, 16 bytes. */
  MASK = 16,
  SIZE = 32,
}

export enum SetMatchRecord {
  /** SetMatchFlag set. */
  FLAGS = 4,
  /** Comparison each, with NO_COMPARISON: of packets and of bytes. */
  PACKETS = 5,
  BYTES = 6,
  /** SetUse */
  USE = 8,
  PACKETS_VALUE = 16,
  BYTES_VALUE = 24,
  SIZE = 32,
}

export enum SetMatchFlag {
  RETURN_NOMATCH = 1,
  KEEP_COUNTERS = 2,
  /** Of a list: counters in its members' sets stay. */
  KEEP_SUBCOUNTERS = 4,
}

export const NO_COMPARISON = 255;

/** What `set` has seen, for explanations: these bits, and the element's counters. */
export enum SetSeen {
  FOUND = 1,
  NOMATCH = 2,
  BYTES_SHIFT = 2,
}
