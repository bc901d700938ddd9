/** How large a batch is, and what its packets are. */
import type { LinkType } from "../assembly/shared/link-type.js";
import { ConntrackError } from "./errors.js";

export interface BatchOptions {
  /** What precedes the IP header in the packets. Default RAW: nothing. */
  readonly link?: LinkType;
  /** Where the packets enter: arriving (default) or sent by this machine, whose checksums nobody verifies. */
  readonly hook?: "PREROUTING" | "OUTPUT";
  /** Room for packet bytes; default 2048 for each packet of the capacity, at least 64 KiB. */
  readonly bytes?: number;
}

/** A batch is addressed by 32 bits, so neither number may be larger. */
const MAX_ROWS = 65536;
const MAX_BYTES = 1 << 28;
const MIN_BYTES = 65536 + 64;

/** Room for the bytes of so many packets. @throws ConntrackError CT_BAD_OPTION */
export function batchBytes(capacity: number, options: BatchOptions): number {
  const bytes = options.bytes ?? Math.max(MIN_BYTES, capacity * 2048);
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_ROWS) {
    throw new ConntrackError(
      "CT_BAD_OPTION",
      `batch capacity: expected 1 to ${MAX_ROWS} packets, got ${capacity}`,
    );
  }
  if (!Number.isInteger(bytes) || bytes < 64 || bytes > MAX_BYTES) {
    throw new ConntrackError("CT_BAD_OPTION", `batch bytes: expected 64 to ${MAX_BYTES}, got ${bytes}`);
  }
  return bytes;
}
