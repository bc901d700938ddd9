import { Protocol } from "../../assembly/shared/protocol.js";
import { ConntrackError } from "../errors.js";
import { field, viewOf } from "./fields.js";
import { icmpChecksum } from "./icmp.js";
import { addressText, endsOf, type IpFields, wrap } from "./ip.js";

type TypeAndCode = readonly [type: number, code: number];

/** Type and code in ICMP and in ICMPv6; undefined where the family has no such error. */
const ERRORS = {
  "net-unreachable": [
    [3, 0],
    [1, 0],
  ],
  "host-unreachable": [
    [3, 1],
    [1, 3],
  ],
  "protocol-unreachable": [[3, 2], undefined],
  "port-unreachable": [
    [3, 3],
    [1, 4],
  ],
  "fragmentation-needed": [
    [3, 4],
    [2, 0],
  ],
  "net-prohibited": [[3, 9], undefined],
  "host-prohibited": [[3, 10], undefined],
  "admin-prohibited": [
    [3, 13],
    [1, 1],
  ],
  "source-quench": [[4, 0], undefined],
  redirect: [[5, 1], undefined],
  "ttl-exceeded": [
    [11, 0],
    [3, 0],
  ],
  "reassembly-time-exceeded": [
    [11, 1],
    [3, 1],
  ],
  "parameter-problem": [
    [12, 0],
    [4, 0],
  ],
} as const satisfies Record<string, readonly [TypeAndCode, TypeAndCode | undefined]>;

/** One name for both families: "fragmentation-needed" is ICMPv6's "packet too big". */
export type IcmpErrorName = keyof typeof ERRORS;

export interface IcmpErrorFields extends Omit<IpFields, "src" | "dst"> {
  /** Who complains: usually a router on the way, or the packet's destination. */
  readonly src: string;
  /** Default: the source of the quoted packet. */
  readonly dst?: string;
  /** A name, or type and code. */
  readonly error: IcmpErrorName | TypeAndCode;
  /** The 32 bits in front of the quoted packet: MTU, pointer or gateway; default 0. */
  readonly rest?: number;
  /** Bytes of the packet that are quoted; default what Linux quotes: as much as fits 576 or 1280 bytes. */
  readonly quote?: number;
}

/**
 * The ICMP or ICMPv6 error about a packet, which is quoted from its IP header on.
 * @throws ConntrackError CT_BAD_OPTION for what is no IP packet, a name that its family does not have, a value that
 * does not fit its field
 */
export function icmpError(packet: Uint8Array, fields: IcmpErrorFields): Uint8Array<ArrayBuffer> {
  const six = (packet[0] ?? 0) >> 4 === 6;
  if ((!six && (packet[0] ?? 0) >> 4 !== 4) || packet.length < (six ? 40 : 20)) {
    throw new ConntrackError("CT_BAD_OPTION", "an ICMP error quotes an IP packet");
  }
  const dst = fields.dst ?? addressText(packet.subarray(six ? 8 : 12, six ? 24 : 16));
  const ends = endsOf({ src: fields.src, dst });
  const [type, code] = typeAndCode(fields.error, six);
  const room = (six ? 1280 - 40 : 576 - 20) - 8;
  const quoted = packet.subarray(0, field("quote", fields.quote ?? room, 65535));
  const segment = new Uint8Array(8 + quoted.length);
  const view = viewOf(segment);
  view.setUint8(0, field("type", type, 255));
  view.setUint8(1, field("code", code, 255));
  const rest = field("rest", fields.rest ?? 0, 0xffffffff);
  // ICMP's MTU is the lower half of the word, its pointer the first byte; ICMPv6 takes all of it.
  view.setUint32(4, !six && type === 12 ? (field("pointer", rest, 255) << 24) >>> 0 : rest);
  segment.set(quoted, 8);
  view.setUint16(2, icmpChecksum(ends, segment));
  const header = { dontFragment: false, tos: six ? 0 : 0xc0, ...fields, dst };
  return wrap(header, ends, six ? Protocol.ICMPV6 : Protocol.ICMP, segment);
}

function typeAndCode(error: IcmpErrorFields["error"], six: boolean): TypeAndCode {
  if (typeof error !== "string") return error;
  const found = Object.hasOwn(ERRORS, error) ? ERRORS[error][six ? 1 : 0] : undefined;
  if (found) return found;
  throw new ConntrackError(
    "CT_BAD_OPTION",
    `${six ? "ICMPv6" : "ICMP"} has no error ${JSON.stringify(error)}`,
  );
}
