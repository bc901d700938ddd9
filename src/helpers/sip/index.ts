/**
 * SIP (RFC 3261): calls announce the ports of their media in session descriptions, registrations the port at which
 * calls arrive. Over UDP a datagram is a message; over TCP a segment holds as many as their lengths say.
 */
import type { Helper, HelperContext } from "../helper.js";
import { ascii, indexOf } from "../text.js";
import { CLASSES, type Requests } from "./classes.js";
import { readMessage, type Verdict } from "./message.js";
import { CONTENT_LENGTH, fieldValue, type Message, NOWHERE, numberAt } from "./text.js";

/** Shorter payloads are keep-alives. */
const SHORTEST = "SIP/2.0 200".length;
const MASTER_TIMEOUT = 3600;
const END_OF_HEADER = ascii("\r\n\r\n");

const COMMON = {
  name: "sip",
  port: 5060,
  classes: CLASSES,
  createState: (): Requests => ({ register: 0, invite: 0, answersTo: 0 }),
} as const;

export const sipUdp: Helper<Requests> = {
  ...COMMON,
  protocol: "udp",
  packet(context) {
    if (context.payload.length === 0) return undefined;
    context.refresh(MASTER_TIMEOUT);
    return unlessCut(context, (bytes) => readAt(0, bytes, context));
  },
};

export const sipTcp: Helper<Requests> = {
  ...COMMON,
  protocol: "tcp",
  packet(context) {
    if (context.ctState !== "ESTABLISHED" || context.payload.length === 0) return undefined;
    context.refresh(MASTER_TIMEOUT);
    return unlessCut(context, readSegment);
  },
};

function unlessCut(
  context: HelperContext<Requests>,
  read: (bytes: Uint8Array, context: HelperContext<Requests>) => Verdict,
): Verdict {
  const { payload } = context;
  if (payload.length < SHORTEST) return undefined;
  const verdict = read(payload, context);
  // What cannot be read may be what the capture left out.
  return context.truncated ? undefined : verdict;
}

/** Reads, and rewrites, the message that stands at `offset` in the payload. */
function readAt(offset: number, bytes: Uint8Array, context: HelperContext<Requests>): Verdict {
  const message: Message = { bytes };
  const verdict = readMessage(message, context);
  if (message.bytes !== bytes) context.nat?.replace(offset, bytes.length, message.bytes);
  return verdict;
}

/** Messages that are not whole in the segment are not read. */
function readSegment(segment: Uint8Array, context: HelperContext<Requests>): Verdict {
  for (let at = 0; ; ) {
    const rest = segment.subarray(at);
    const length = messageLength(rest);
    if (length === undefined || length > rest.length) return undefined;
    const verdict = readAt(at, rest.subarray(0, length), context);
    if (verdict) return verdict;
    at += length;
  }
}

/** Of the message at the beginning: up to the empty line behind the length, and as much as that says. */
function messageLength(bytes: Uint8Array): number | undefined {
  const value = fieldValue(bytes, 0, CONTENT_LENGTH);
  const length = value === NOWHERE ? undefined : numberAt(bytes, value);
  if (length === undefined) return undefined;
  const end = indexOf(bytes, END_OF_HEADER, value, bytes.length);
  return end < 0 ? undefined : end + END_OF_HEADER.length + length;
}
