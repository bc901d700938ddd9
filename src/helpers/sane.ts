/**
 * SANE (scanners over the network, "SANE Standard", chapter 5). The answer to SANE_NET_START names the port of the
 * data connection; all other requests are passed over.
 */
import type { Helper } from "./helper.js";
import { NO_EXPECTATION } from "./refusal.js";

const REQUEST_BYTES = 8;
const REPLY_BYTES = 8;
const NET_START = 7;

interface Progress {
  /** The last request was SANE_NET_START, and no answer has been seen since. */
  startRequested: boolean;
}

function word(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) >>> 0;
}

export const sane: Helper<Progress> = {
  name: "sane",
  protocol: "tcp",
  port: 6566,
  classes: [{ max: 1, timeout: 300 }],
  createState: () => ({ startRequested: false }),
  packet({ payload, ctState, direction, original, state, expect }) {
    if (ctState !== "ESTABLISHED" || payload.length === 0) return;
    if (direction === "original") {
      if (payload.length !== REQUEST_BYTES) return;
      state.startRequested = word(payload, 0) === 0 && word(payload, 2) === NET_START;
      return;
    }
    if (!state.startRequested) return;
    state.startRequested = false;
    // Status (0 = success), two bytes of zero, port.
    if (payload.length < REPLY_BYTES || word(payload, 0) || word(payload, 2) || word(payload, 4)) return;
    const result = expect({
      protocol: "tcp",
      source: { address: original.src },
      destination: { address: original.dst, port: word(payload, 6) },
    });
    if (result !== "ADDED") return NO_EXPECTATION;
  },
};
