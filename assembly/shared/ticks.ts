/** The clock of deadlines, and the currencies that `limit` and `hashlimit` earn with its ticks. */

/** HZ of the kernels that distributions ship, so deadlines round as theirs do. */
export const TICKS_PER_SECOND = 250;

/** Of `limit`: the largest power of two of which a day's worth fits into 32 bits. */
export const CREDITS_PER_TICK = 128;

/** Of `hashlimit`: the same in 64 bits for packets; for bytes, of which a bucket holds a second's worth. */
export const CREDITS_PER_TICK_PACKETS = 549755813888;
export const CREDITS_PER_TICK_BYTES = 16777216;
export const BYTE_CREDITS = 4194304000;
