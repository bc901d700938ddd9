/**
 * The packets of one stretch of a capture, described in place: nothing is copied and nothing is allocated
 * per packet. The object, its arrays and `bytes` are reused, so all of it is valid only until the next
 * iteration step. Only the first `count` entries of each array mean anything.
 */
export interface CapturedPackets {
  /**
   * The capture bytes the packets lie in, record headers in between. At most about 256 KiB, unless a single
   * larger packet (up to 16 MiB) needs more.
   */
  readonly bytes: Uint8Array;
  /** Number of packets, 1 to 4,096. */
  readonly count: number;
  /** Where the captured bytes of packet `i` start within `bytes`. */
  readonly offsets: Uint32Array;
  /** How many bytes of packet `i` were captured. */
  readonly lengths: Uint32Array;
  /** How many bytes packet `i` had on the wire, as the capture says; usually at least `lengths[i]`. */
  readonly wireLengths: Uint32Array;
  /**
   * When packet `i` was captured, in milliseconds since the Unix epoch. Present-day times keep about
   * 0.2 microseconds. A pcapng Simple Packet Block carries no time: it repeats the packet before it (0 if none).
   */
  readonly times: Float64Array;
  /** Registered LINKTYPE_ number of packet `i`, also when the engine does not know that link type. */
  readonly linkTypes: Uint16Array;
}

/** Bounds the batch arrays: 22 bytes a packet. */
export const MAX_BATCH_PACKETS = 4096;

/** Bounds how far one batch reaches, so that its headers are still in the CPU cache when it is consumed. */
export const MAX_BATCH_SPAN = 256 * 1024;

const CACHE_LINE_BYTES = 64;

const NO_BYTES = new Uint8Array(0);

export class PacketBatch implements CapturedPackets {
  bytes: Uint8Array = NO_BYTES;
  count = 0;
  readonly offsets = new Uint32Array(MAX_BATCH_PACKETS);
  readonly lengths = new Uint32Array(MAX_BATCH_PACKETS);
  readonly wireLengths = new Uint32Array(MAX_BATCH_PACKETS);
  readonly times = new Float64Array(MAX_BATCH_PACKETS);
  readonly linkTypes = new Uint16Array(MAX_BATCH_PACKETS);
  /** Of no meaning; keeps the compiler from dropping the reads of {@link prefetch}. */
  prefetched = 0;
  /** Packets in all batches before this one. */
  packetsBefore = 0;

  /** Packets read so far, those in this batch included. */
  get packetsRead(): number {
    return this.packetsBefore + this.count;
  }

  clear(): void {
    this.packetsBefore += this.count;
    this.count = 0;
    this.bytes = NO_BYTES;
  }

  /**
   * Reads one byte of each cache line of what is about to be scanned. Each record header says where the next
   * one is, so that in memory that is not cached yet the scan would wait for every single one; these reads do
   * not depend on each other and overlap. The packets are cached then as well, for whoever consumes them.
   */
  prefetch(bytes: Uint8Array, from: number, to: number): void {
    const line = CACHE_LINE_BYTES;
    const last = to - 3 * line;
    let seen = 0;
    let at = from;
    for (; at < last; at += 4 * line) {
      seen |= bytes[at]! | bytes[at + line]! | bytes[at + 2 * line]! | bytes[at + 3 * line]!;
    }
    for (; at < to; at += line) seen |= bytes[at]!;
    this.prefetched = seen;
  }
}
