import type { PacketBatch } from "./packet-batch.js";

/** A capture whose packet is larger than this is taken to be damaged, whatever its headers claim. */
export const MAX_PACKET_BYTES = 16 * 1024 * 1024;

/** Snap lengths below this are not enforced: many writers state less than they then store. */
const TOLERATED_PACKET_BYTES = 262_144;

/** Largest captured length to believe in a capture or interface with this snap length (0: none stated). */
export function packetLimit(snapLength: number): number {
  return Math.min(Math.max(snapLength, TOLERATED_PACKET_BYTES), MAX_PACKET_BYTES);
}

/** The bytes a scanner works on. */
export interface ScanWindow {
  readonly bytes: Uint8Array;
  /** Over the same memory as `bytes`. */
  readonly view: DataView;
  /** First byte not consumed yet; scanners move it past each whole record. */
  position: number;
  readonly end: number;
  /** Offset of `bytes[0]` in the capture. */
  readonly offset: number;
}

/**
 * Takes whole records off the front of a window. A record that is not complete stays where it is: the caller
 * collects as many bytes as `scan` asked for and scans again.
 */
export interface RecordScanner {
  /**
   * Fills the empty `batch`, with offsets counted from the window's position at the call, until the batch is
   * full or the window holds no further whole record.
   *
   * @returns 0 if the batch is full, otherwise how many bytes from `window.position` on the next step needs:
   * more than there are, and never more than the one record there.
   * @throws CaptureError at damage, with the packets in front of it already in `batch`.
   */
  scan(window: ScanWindow, batch: PacketBatch): number;

  /** What the record that follows the first `packetsRead` packets is called in messages. */
  nextName(packetsRead: number): string;

  /** Offset at which a record that is being passed over began, or -1 if the scanner is between records. */
  readonly unfinishedAt: number;
}
