import { TICKS_PER_SECOND } from "./shared/ticks";

/** Ticks of the flow clock a second. */
export const HZ: u32 = TICKS_PER_SECOND;
export const TICK_MS: u32 = 1000 / HZ;

/** Longest timeout in seconds: deadlines are compared as signed 32-bit differences, as the kernel does. */
export const MAX_TIMEOUT: u32 = 0x7fffffff / HZ;

/** Unit of memory: extents of flows and index tables are whole blocks. One wasm page. */
export const BLOCK: u32 = 65536;

/** An index table starts with one block of chunks (12 288 entries) and doubles. */
export const FIRST_INDEX_CHUNKS: u32 = 1024;

/**
 * Hints the sweep looks at for each packet tracked, and at most in one call: no packet waits for expiry, and the
 * sweep goes round twice as fast as packets can make flows. (Four of them cost 25 ns a connection among a million.)
 */
export const SWEEP_PER_PACKET: u32 = 2;
export const SWEEP_SLICE: u32 = 4096;

/** Hints that are compared together, and looked at for a packet that comes alone. */
export const SWEEP_LANES: u32 = 4;

/**
 * Hints never lie further ahead than this many ticks, so a timeout at least as long needs no look at its flow's
 * hint: ESTABLISHED flows, which go from days to 300 s with every unacknowledged segment, never touch theirs.
 */
export const HINT_HORIZON: u32 = 300 * HZ;

/** Flows that one call's slice ends at most; destroying one costs about as much as tracking a packet. */
export const SWEEP_ENDS: u32 = 512;

/** Blocks of the log ring, which is made when something is logged for the first time. */
export const LOG_BLOCKS: u32 = 16;

/** Blocks of the journal, which is made when a packet is to be explained for the first time: 100,000 rules and more. */
export const JOURNAL_BLOCKS: u32 = 64;

/** Bytes of a packet that the journal keeps, each time that it enters a table: headers, not payload. */
export const JOURNAL_PACKET: u32 = 1024;

/** Kernel: at most so many hash buckets are searched for a victim when the table is full. */
export const EARLY_DROP_BUCKETS: u32 = 8;
