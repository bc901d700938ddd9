import { Protocol } from "../../assembly/shared/protocol.js";
import { ConntrackError } from "../errors.js";
import { field, type Payload, payloadBytes, viewOf } from "./fields.js";
import { endsOf, type IpFields, transportChecksum, wrap } from "./ip.js";

/** In the order of their bits. */
export const TCP_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;
export type TcpFlagName = (typeof TCP_FLAGS)[number];

/** Options (RFC 9293, RFC 7323, RFC 2018); each is sent when it is given. */
export interface TcpOptions {
  /** Maximum segment size, 0 to 65535. */
  readonly mss?: number;
  /** Shift count, 0 to 255; those above 14 are against the standard. */
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  /** TSval and TSecr, 32 bits each. */
  readonly timestamps?: readonly [value: number, echo: number];
  /** Left and right edges, up to four pairs. */
  readonly sack?: ReadonlyArray<readonly [left: number, right: number]>;
  /** Further options as bytes, behind the others. */
  readonly raw?: ArrayLike<number>;
}

export interface TcpFields extends IpFields {
  readonly sport: number;
  readonly dport: number;
  /** Names joined by commas, spaces or "+", such as "SYN,ACK", "NONE" for none; a list of names; or the byte. */
  readonly flags: string | readonly TcpFlagName[] | number;
  /** 32 bits; default 0. */
  readonly seq?: number;
  /** 32 bits; default 0. */
  readonly ack?: number;
  /** As it is in the header, not scaled: 0 to 65535; default 65535. */
  readonly window?: number;
  /** Urgent pointer, 0 to 65535; default 0. */
  readonly urgent?: number;
  readonly options?: TcpOptions;
  readonly payload?: Payload;
  /** Instead of the right one. */
  readonly checksum?: number;
}

const WORD = 0xffffffff;
const MOST_OPTION_BYTES = 40;

/**
 * A TCP segment (RFC 9293) in an IP packet, from the IP header on.
 * @throws ConntrackError CT_BAD_OPTION for a value that does not fit its field, an unknown flag, options longer
 * than 40 bytes
 */
export function tcp(fields: TcpFields): Uint8Array<ArrayBuffer> {
  const ends = endsOf(fields);
  const options = optionBytes(fields.options ?? {});
  const payload = payloadBytes(fields.payload);
  const header = 20 + options.length;
  const segment = new Uint8Array(header + payload.length);
  const view = viewOf(segment);
  view.setUint16(0, field("sport", fields.sport, 65535));
  view.setUint16(2, field("dport", fields.dport, 65535));
  view.setUint32(4, field("seq", fields.seq ?? 0, WORD));
  view.setUint32(8, field("ack", fields.ack ?? 0, WORD));
  view.setUint8(12, header << 2);
  view.setUint8(13, flagByte(fields.flags));
  view.setUint16(14, field("window", fields.window ?? 65535, 65535));
  view.setUint16(18, field("urgent", fields.urgent ?? 0, 65535));
  segment.set(options, 20);
  segment.set(payload, header);
  const checksum = fields.checksum ?? transportChecksum(ends, Protocol.TCP, segment);
  view.setUint16(16, field("checksum", checksum, 65535));
  return wrap(fields, ends, Protocol.TCP, segment);
}

function flagByte(flags: TcpFields["flags"]): number {
  if (typeof flags === "number") return field("flags", flags, 255);
  const names = typeof flags === "string" ? flags.split(/[\s,+]+/) : flags;
  let byte = 0;
  for (const name of names) {
    if (name === "NONE" || name === "") continue;
    const bit = TCP_FLAGS.indexOf(name as TcpFlagName);
    if (bit < 0) throw new ConntrackError("CT_BAD_OPTION", `flags: unknown flag ${JSON.stringify(name)}`);
    byte |= 1 << bit;
  }
  return byte;
}

/** In the order and with the padding that Linux chooses: each option ends at a multiple of four bytes. */
function optionBytes({ mss, windowScale, sackPermitted, timestamps, sack, raw }: TcpOptions): Uint8Array {
  const bytes: number[] = [];
  if (mss !== undefined) bytes.push(2, 4, ...words("mss", [mss], 2));
  if (timestamps) {
    // SACK permitted takes the place of the padding.
    bytes.push(...(sackPermitted ? [4, 2] : [1, 1]), 8, 10, ...words("timestamps", timestamps, 4));
  } else if (sackPermitted) {
    bytes.push(1, 1, 4, 2);
  }
  if (windowScale !== undefined) bytes.push(1, 3, 3, field("windowScale", windowScale, 255));
  if (sack) bytes.push(1, 1, 5, 2 + 8 * sack.length, ...words("sack", sack.flat(), 4));
  if (raw) bytes.push(...payloadBytes(raw));
  while (bytes.length % 4) bytes.push(0);
  if (bytes.length <= MOST_OPTION_BYTES) return Uint8Array.from(bytes);
  throw new ConntrackError(
    "CT_BAD_OPTION",
    `options: ${bytes.length} bytes, a TCP header has room for ${MOST_OPTION_BYTES}`,
  );
}

function words(name: string, values: readonly number[], size: 2 | 4): number[] {
  const most = size === 2 ? 65535 : WORD;
  return values.flatMap((value) => {
    const low = [(field(name, value, most) >>> 8) & 255, value & 255];
    return size === 2 ? low : [value >>> 24, (value >>> 16) & 255, ...low];
  });
}
