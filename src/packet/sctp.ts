import { Protocol } from "../../assembly/shared/protocol.js";
import { ConntrackError } from "../errors.js";
import { crc32c } from "./checksum.js";
import { field, named, type Payload, payloadBytes, viewOf } from "./fields.js";
import { endsOf, type IpFields, wrap } from "./ip.js";

/** RFC 9260 section 3.2. */
const CHUNKS = {
  DATA: 0,
  INIT: 1,
  INIT_ACK: 2,
  SACK: 3,
  HEARTBEAT: 4,
  HEARTBEAT_ACK: 5,
  ABORT: 6,
  SHUTDOWN: 7,
  SHUTDOWN_ACK: 8,
  ERROR: 9,
  COOKIE_ECHO: 10,
  COOKIE_ACK: 11,
  SHUTDOWN_COMPLETE: 14,
} as const;

export type SctpChunkName = keyof typeof CHUNKS;

export interface SctpChunk {
  readonly type: SctpChunkName | number;
  /** 0 to 255; default 0. Bit 0 is T (ABORT, SHUTDOWN_COMPLETE): the tag is reflected. */
  readonly flags?: number;
  /** INIT and INIT_ACK: the tag that packets to the sender have to carry, 32 bits; default 0. */
  readonly initiateTag?: number;
  /** What follows the chunk's header; INIT and INIT_ACK: what follows their fixed part. */
  readonly value?: Payload;
}

export interface SctpFields extends IpFields {
  readonly sport: number;
  readonly dport: number;
  /** Verification tag, 32 bits; default 0. */
  readonly tag?: number;
  readonly chunks: readonly SctpChunk[];
  /** Instead of the right one, 32 bits. */
  readonly checksum?: number;
}

/**
 * An SCTP packet (RFC 9260) in an IP packet, from the IP header on.
 * @throws ConntrackError CT_BAD_OPTION for a value that does not fit its field
 */
export function sctp(fields: SctpFields): Uint8Array<ArrayBuffer> {
  const ends = endsOf(fields);
  const chunks = fields.chunks.map(chunkBytes);
  const segment = new Uint8Array(chunks.reduce((size, chunk) => size + padded(chunk.length), 12));
  const view = viewOf(segment);
  view.setUint16(0, field("sport", fields.sport, 65535));
  view.setUint16(2, field("dport", fields.dport, 65535));
  view.setUint32(4, field("tag", fields.tag ?? 0, 0xffffffff));
  let at = 12;
  for (const chunk of chunks) {
    segment.set(chunk, at);
    at += padded(chunk.length);
  }
  const { checksum } = fields;
  // The one field of SCTP that is little-endian.
  if (checksum === undefined) view.setUint32(8, crc32c(segment), true);
  else view.setUint32(8, field("checksum", checksum, 0xffffffff));
  return wrap(fields, ends, Protocol.SCTP, segment);
}

const padded = (length: number) => (length + 3) & ~3;

/** Default receiver window and streams of INIT: nobody on the way looks at them. */
const INIT_REST = [0, 1, 0, 0, 0, 10, 0, 10, 0, 0, 0, 1];

function chunkBytes(chunk: SctpChunk): Uint8Array {
  const type = named("chunk type", chunk.type, CHUNKS, 255);
  const value = payloadBytes(chunk.value);
  const isInit = type === CHUNKS.INIT || type === CHUNKS.INIT_ACK;
  const fixed = isInit ? 20 : 4;
  const bytes = new Uint8Array(fixed + value.length);
  const view = viewOf(bytes);
  view.setUint8(0, type);
  view.setUint8(1, field("chunk flags", chunk.flags ?? 0, 255));
  view.setUint16(2, field("chunk length", bytes.length, 65535));
  if (isInit) {
    view.setUint32(4, field("initiateTag", chunk.initiateTag ?? 0, 0xffffffff));
    bytes.set(INIT_REST, 8);
  } else if (chunk.initiateTag !== undefined) {
    throw new ConntrackError("CT_BAD_OPTION", `initiateTag: a chunk of type ${chunk.type} has none`);
  }
  bytes.set(value, fixed);
  return bytes;
}
