/**
 * A classifier in a rule program: offsets. It stands for the rest of a chain, and knows of each of its rules which
 * values of some dimensions (addresses, protocol, ports, devices) it may match: a bit a rule, 64 rules a word.
 */
export enum ClassifierRecord {
  /** Address of the rules' addresses, u32 each. */
  RULES = 0,
  /** Words of bits, and words of bits that say which of those are not zero. */
  WORDS = 4,
  SUMMARY_WORDS = 8,
  DIMENSION_COUNT = 12,
  /** DimensionRecords, one behind the other. */
  DIMENSIONS = 16,
  // --- the walk under way
  /** 1: every rule is a candidate. */
  EVERYTHING = 20,
  /** The word that BITS comes from, u64: candidates in it that have not had their turn. */
  WORD = 24,
  BITS = 32,
  /** Address of SUMMARY_WORDS words, u64: words of bits that can still be other than zero; behind them all rules' bits. */
  LEFT = 40,
  SIZE = 48,
}

/** A classifier's address, as what comes next in a chain, has one of these bits set. */
export enum ClassifierTag {
  /** Go on. */
  CONTINUE = 1,
  /** Begin; beside CONTINUE. */
  START = 2,
}

/**
 * Bits of a row: SUMMARY_WORDS words u64 that say which of the row's words are not zero, then those.
 */
export enum DimensionRecord {
  /** Dimension. */
  KIND = 0,
  /**
   * Number of values at which the rules change, their address, ascending: u32, or two u64 (IPv6 addresses,
   * and names of devices as numbers: network order, padded with zeros).
   */
  BOUNDARY_COUNT = 4,
  BOUNDARIES = 8,
  /** Address of the addresses of the rows: for values below the first boundary, from it on, from the second on ... */
  ROWS = 12,
  /** Address of all words, dense, of the rules that do not look at this dimension, and of the words' summary. */
  ANY = 16,
  ANY_SUMMARY = 20,
  /** The row of the packet at hand. */
  ROW = 24,
  SIZE = 32,
}

export enum Dimension {
  SOURCE = 0,
  DESTINATION = 1,
  PROTOCOL = 2,
  SOURCE_PORT = 3,
  DESTINATION_PORT = 4,
  /** Names of devices. */
  IN = 5,
  OUT = 6,
}
