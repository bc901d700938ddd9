/**
 * SIP (RFC 3261): calls announce the ports of their media in session descriptions, registrations the port at which
 * calls arrive. Over UDP a datagram is a message; over TCP a segment holds as many as their lengths say.
 */
import type { Helper, HelperContext } from "../helper.js";
import { ascii, indexOf } from "../text.js";
import { CLASSES, type Requests } from "./classes.js";
import { readMessage, type Verdict } from "./message.js";
import { type FieldName, fieldValue, NOWHERE, numberAt } from "./text.js";

const CONTENT_LENGTH: FieldName = { full: ascii("Content-Length"), compact: ascii("l") };
/** Shorter payloads are keep-alives. */
const SHORTEST = "SIP/2.0 200".length;
const MASTER_TIMEOUT = 3600;
const END_OF_HEADER = ascii("\r\n\r\n");

const COMMON = {
  name: "sip",
  port: 5060,
  classes: CLASSES,
  createState: (): Requests => ({ register: 0, invite: 0 }),
} as const;

export const sipUdp: Helper<Requests> = {
  ...COMMON,
  protocol: "udp",
  packet(context) {
    if (context.payload.length === 0) return undefined;
    context.refresh(MASTER_TIMEOUT);
    return unlessCut(context, readMessage);
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
  if (context.payload.length < SHORTEST) return undefined;
  const verdict = read(context.payload, context);
  // What cannot be read may be what the capture left out.
  return context.truncated ? undefined : verdict;
}

/** Messages that are not whole in the segment are not read. */
function readSegment(segment: Uint8Array, context: HelperContext<Requests>): Verdict {
  let rest = segment;
  for (;;) {
    const length = messageLength(rest);
    if (length === undefined || length > rest.length) return undefined;
    if (readMessage(rest.subarray(0, length), context) === "drop") return "drop";
    rest = rest.subarray(length);
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
