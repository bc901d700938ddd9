/** Packets of TPKT (RFC 1006): messages in TCP, each with its length in front. */
import type { HelperContext } from "../helper.js";

const HEADER = 4;
const VERSION = 3;

/** Per direction, the length of the message that a header has announced which came alone, 0 for none. */
export interface Announced {
  original: number;
  reply: number;
}

export const nothingAnnounced = (): Announced => ({ original: 0, reply: 0 });

/**
 * The messages in a segment. It must begin with a header, or with the message whose header was a segment of its own;
 * what is not whole in its segment is passed over.
 */
export function* messages({ payload, direction, state }: HelperContext<Announced>): Iterable<Uint8Array> {
  let at = 0;
  if (!isHeader(payload)) at = state[direction];
  state[direction] = 0;
  if (at > payload.length) return;
  if (at > 0) yield payload.subarray(0, at);
  for (;;) {
    const rest = payload.subarray(at);
    if (!isHeader(rest)) return;
    const length = ((rest[2] ?? 0) << 8) | (rest[3] ?? 0);
    if (length < HEADER) return;
    if (length > rest.length) {
      if (at === 0 && rest.length === HEADER) state[direction] = length - HEADER;
      return;
    }
    yield rest.subarray(HEADER, length);
    at += length;
  }
}

function isHeader(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER && bytes[0] === VERSION && bytes[1] === 0;
}
