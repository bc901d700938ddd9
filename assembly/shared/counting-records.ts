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
  SIZE = 32,
}
