/** Packets in pieces: the datagram that fragments have become, and the pieces in which a packet leaves. */
import type { Engine } from "./engine/engine.js";

export interface Datagram {
  /** From the IP header on, as rules see it; undefined for a packet that came whole. */
  readonly bytes: Uint8Array | undefined;
  /** As it leaves: fragmented. */
  readonly pieces: readonly Uint8Array[];
}

/** The datagram that the packet of this row has completed, or its pieces, copied: the engine has room for one. */
export function takeDatagram(engine: Engine, row: number): Datagram | undefined {
  const { call, layout, u8, u32 } = engine;
  const length = call.datagramBytes() >>> 0;
  if (length === 0) return undefined;
  const at = u32[(row + layout.PACKET_L3) >>> 2] ?? 0;
  const pieces: Uint8Array[] = [];
  const pieceAt = call.pieceAddress() >>> 0;
  for (let size = call.nextPiece(); size > 0; size = call.nextPiece()) {
    pieces.push(u8.slice(pieceAt, pieceAt + size));
  }
  return { bytes: call.datagramCameWhole() ? undefined : u8.slice(at, at + length), pieces };
}
