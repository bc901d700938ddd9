import { ExtensionHeader } from "../../assembly/shared/protocol.js";
import { ConntrackError } from "../errors.js";
import { field, viewOf } from "./fields.js";
import { sealHeader } from "./ip.js";

export interface FragmentOptions {
  /** Longest fragment, IP header included, in bytes: at least one header and 8 bytes. */
  readonly mtu: number;
  /** Identification that the fragments share: 16 bits for IPv4 (default the packet's), 32 for IPv6 (default 1). */
  readonly id?: number;
}

const MORE_FRAGMENTS = 0x2000;

/**
 * Cuts a packet, as it comes from `tcp()`, `udp()` and the others, into fragments (RFC 791, RFC 8200). A packet that
 * fits is given back alone, and unchanged.
 * @throws ConntrackError CT_BAD_OPTION for an MTU too small, what is no IP packet or is a fragment already
 */
export function fragments(packet: Uint8Array, { mtu, id }: FragmentOptions): Uint8Array[] {
  const version = (packet[0] ?? 0) >> 4;
  const six = version === 6;
  const header = six ? 40 : ((packet[0] ?? 0) & 15) * 4;
  const view = viewOf(packet);
  if ((!six && version !== 4) || packet.length < Math.max(header, 20)) {
    throw new ConntrackError("CT_BAD_OPTION", "only an IP packet can be fragmented");
  }
  if (six ? packet[6] === ExtensionHeader.FRAGMENT : view.getUint16(6) & 0x3fff) {
    throw new ConntrackError("CT_BAD_OPTION", "the packet is a fragment already");
  }
  const extra = six ? 8 : 0;
  field("mtu", mtu, 65575, header + extra + 8);
  if (packet.length <= mtu) return [packet];
  const step = (mtu - header - extra) & ~7;
  const pieces: Uint8Array[] = [];
  for (let from = header; from < packet.length; from += step) {
    const part = packet.subarray(from, from + step);
    const piece = new Uint8Array(header + extra + part.length);
    piece.set(packet.subarray(0, header));
    piece.set(part, header + extra);
    const more = from + step < packet.length;
    if (six) finish6(piece, from - header, more, field("id", id ?? 1, 0xffffffff));
    else finish4(piece, from - header, more, field("id", id ?? view.getUint16(4), 65535));
    pieces.push(piece);
  }
  return pieces;
}

function finish4(piece: Uint8Array, offset: number, more: boolean, id: number): void {
  const view = viewOf(piece);
  view.setUint16(2, piece.length);
  view.setUint16(4, id);
  view.setUint16(6, (offset >> 3) | (more ? MORE_FRAGMENTS : 0));
  sealHeader(piece);
}

function finish6(piece: Uint8Array, offset: number, more: boolean, id: number): void {
  const view = viewOf(piece);
  view.setUint16(4, piece.length - 40);
  piece[40] = piece[6] as number;
  piece[6] = ExtensionHeader.FRAGMENT;
  view.setUint16(42, offset | (more ? 1 : 0));
  view.setUint32(44, id);
}
